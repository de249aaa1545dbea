import { topicSpecSchema } from '@soma/contracts';
import { parse } from 'yaml';
import { acl, handMade, override, undeclared } from '../../test/undeclared.js';
import { adoptedSpec } from './adopt.js';

const registered = { schema: handMade, versions: [1], level: 'BACKWARD', references: [] } as const;

const orders = undeclared({
  configs: [
    override('retention.ms', '604800000'),
    override('segment.bytes', '67108864'),
    override('min.insync.replicas', '1'),
    override('unclean.leader.election.enable', 'true'),
    { ...override('compression.type', 'producer'), overridden: false },
  ],
  acls: [
    acl('p.orders.created'),
    acl('p.orders.created', {
      principal: 'User:ledger',
      operation: 'READ',
      host: '10.0.0.1',
      permission: 'DENY',
    }),
    acl('p.orders.created', { principal: 'User:audit', operation: 'ALL' }),
  ],
  wider: [acl('p.', { patternType: 'PREFIXED', principal: 'User:mirror', operation: 'READ' })],
  groups: ['ledger-1', 'mirror'],
  subject: { ...registered, versions: [1, 2, 5] },
});

it('writes what stands, as people write it, and asks for what only the owner knows', () => {
  const { yaml, avsc, notes } = adoptedSpec(orders);
  expect(yaml).toMatchInlineSnapshot(`
    "# Adopted as it stood on the cluster. Answer each line marked "adopt:" and take out \`adopted\`: from then on
    # all rules of the catalogue and the defaults of the environments hold for this topic.

    topic: orders.created
    owner: infra-ops
    adopted: true
    # adopt: say what the topic tells
    description: Adopted from the cluster; nobody has described it yet.
    partitions: 3
    replicationFactor: 2
    config:
      min.insync.replicas: 1
      retention.ms: 7d
      segment.bytes: 64MiB
      unclean.leader.election.enable: true
    # adopt: say which field is the key of a record, as key: { field: …, doc: … }
    schema:
      file: orders.created.avsc
      compatibility: BACKWARD
    # adopt: say who may see the values, and under personal which fields are personal
    classification:
      level: confidential
    acls:
      - { principal: User:audit, host: '*', operation: ALL, permission: ALLOW }
      - { principal: User:ledger, host: 10.0.0.1, operation: READ, permission: DENY }
      - { principal: User:shop, host: '*', operation: WRITE, permission: ALLOW }

    # adopt: name those that write it under producers; allowed to: User:audit, User:shop
    # adopt: name those that read it under consumers; allowed to: User:audit, User:mirror
    # adopt: consumer groups that were seen on it: ledger-1, mirror
    "
  `);
  expect(avsc).toBe(`${JSON.stringify(JSON.parse(handMade), null, 2)}\n`);
  expect(notes).toEqual(['declared is version 5 of subject orders.created-value; 1, 2 stay in the registry']);
});

describe('what it leaves out, it says', () => {
  const notesOf = (more: Parameters<typeof undeclared>[0]) => {
    const { yaml, avsc, notes } = adoptedSpec(undeclared(more));
    expect(topicSpecSchema.safeParse(parse(yaml)).error).toBeUndefined();
    return { notes, avsc, spec: topicSpecSchema.parse(parse(yaml)) };
  };

  it.each([
    ['leader.replication.throttled.replicas', '0:1', 'the catalogue does not know this config'],
    ['retention.ms', '9223372036854775807', 'the catalogue has no form for its value 9223372036854775807'],
    ['local.retention.ms', '-2', 'the catalogue has no form for its value -2'],
    ['retention.ms', null, 'the broker does not show its value'],
  ])('%s = %s', (name, value, why) => {
    const { notes, spec } = notesOf({ configs: [override(name, value)] });
    expect(notes).toEqual([`${name} is left out: ${why}`]);
    expect(spec.config).toEqual({});
  });

  it.each([
    ['"string"', [], 'it is no Avro record'],
    ['{"type":"object"}', [], 'it is no Avro record'],
    [handMade, ['address-value'], 'it refers to other subjects (address-value)'],
  ])('the schema %.20s with references %j', (schema, references, why) => {
    const { notes, avsc, spec } = notesOf({ subject: { ...registered, schema, references } });
    expect(notes).toEqual([
      `the schema of subject orders.created-value is left out and stays in the registry: ${why}`,
    ]);
    expect([avsc, spec.schema]).toEqual([undefined, undefined]);
  });

  it('an ACL that the catalogue has no form for, and replicas that differ', () => {
    const strange = acl('orders.created', { operation: 'UNKNOWN_99' });
    expect(notesOf({ acls: [strange], replicas: { fewest: 1, most: 3 } }).notes).toEqual([
      'its partitions have 1 to 3 replicas; declared is 1',
      'the ACL "User:shop ALLOW UNKNOWN_99 TOPIC orders.created" is left out: the catalogue has no form for it',
    ]);
  });
});

it('keeps a comment a comment, whatever groups and principals are called', () => {
  const { yaml } = adoptedSpec(
    undeclared({ groups: ['a\npartitions: 99', 'b: #c'], acls: [acl('x', { principal: 'User:"a", {b}' })] }),
  );
  const spec = topicSpecSchema.parse(parse(yaml));
  expect(spec.partitions).toBe(3);
  expect(spec.acls[0]?.principal).toBe('User:"a", {b}');
});

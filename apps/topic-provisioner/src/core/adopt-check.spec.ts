import { topicConfigNames, topicOperations } from '@soma/contracts';
import fc from 'fast-check';
import { acl, emptyCatalogue, handMade, override, undeclared } from '../../test/undeclared.js';
import { adoptable, filesOf } from './adopt-check.js';
import type { TopicFacts } from './adopt-facts.js';
import { desiredState } from './desired.js';
import { plan } from './plan.js';
import type { Actual } from './types.js';

const registered = { schema: handMade, versions: [1], level: 'NONE', references: [] } as const;
const prefix = 'p.';

/** The cluster on which these facts were seen. */
const clusterOf = (facts: TopicFacts): Actual => {
  const name = prefix + facts.topic;
  const { subject } = facts;
  return {
    clusterId: 'c',
    brokers: 3,
    names: new Set([name]),
    topics: new Map([
      [
        name,
        {
          partitions: facts.partitions,
          replicationFactor: facts.replicas.fewest,
          configs: Object.fromEntries(facts.configs.map((one) => [one.name, one.value])),
          overridden: facts.configs.map((one) => one.name),
        },
      ],
    ]),
    unreadable: new Map(),
    subjects: new Map(
      subject
        ? [[`${name}-value`, { level: subject.level, registered: true, versions: [1], incompatibleWith: [] }]]
        : [],
    ),
    acls: facts.acls,
    quotas: [],
    data: new Map(),
  };
};

const values: Readonly<Record<string, fc.Arbitrary<string>>> = {
  'cleanup.policy': fc.constantFrom('delete', 'compact', 'compact,delete', 'delete,compact'),
  'compression.type': fc.constantFrom('producer', 'uncompressed', 'zstd', 'lz4', 'snappy', 'gzip'),
  'message.timestamp.type': fc.constantFrom('CreateTime', 'LogAppendTime'),
  'min.cleanable.dirty.ratio': fc.constantFrom('0', '1', '1.0', '0.5', '0.50', '1.0E-4'),
};
const flags = topicConfigNames.filter((name) => /enable|disable|preallocate/.test(name));
const valueOf = (name: string): fc.Arbitrary<string> =>
  values[name] ??
  (flags.includes(name)
    ? fc.constantFrom('true', 'false')
    : fc.oneof(
        fc.constantFrom('-2', '-1', '0', '86400000', '1073741824', '9223372036854775807'),
        fc.nat().map(String),
      ));

const facts = fc
  .record({
    topic: fc.stringMatching(/^[A-Za-z0-9._-]{1,40}$/),
    partitions: fc.integer({ min: 1, max: 200 }),
    replicas: fc.integer({ min: 1, max: 3 }).map((count) => ({ fewest: count, most: count })),
    configs: fc
      .uniqueArray(fc.constantFrom(...topicConfigNames, 'leader.replication.throttled.replicas'))
      .chain((names) =>
        fc.tuple(...names.map((name) => valueOf(name).map((value) => override(name, value)))),
      ),
    acls: fc.array(
      fc.record({
        principal: fc.constantFrom('User:a', 'User:*', 'Group:b c', "User:it's", 'User:CN=x,O="y"'),
        host: fc.constantFrom('*', '10.0.0.1', '::1'),
        operation: fc.constantFrom(...topicOperations),
        permission: fc.constantFrom('ALLOW' as const, 'DENY' as const),
      }),
    ),
    subject: fc.constantFrom(undefined, registered),
  })
  .map(({ acls, subject, ...rest }) =>
    undeclared({
      ...rest,
      acls: acls.map((one) => acl(prefix + rest.topic, one)),
      ...(subject && { subject }),
    }),
  );

it('writes catalogues of which the next plan has nothing to do for the adopted topic', () => {
  fc.assert(
    fc.property(facts, (seen) => {
      const result = adoptable(emptyCatalogue, [seen]);
      expect(result?.skipped).toEqual([]);
      const desired = result && desiredState(result.catalogue, { environment: 'local', prefix });
      const changes = desired && plan(desired, clusterOf(seen)).changes;
      const ours = changes?.filter(({ resource }) => !resource.startsWith('User:topic-provisioner '));
      expect(ours).toEqual([]);
    }),
    { numRuns: 300 },
  );
});

describe('adoptable', () => {
  const orders = undeclared({ subject: registered });

  it('takes a schema that breaks every rule of ours, and tells each as a warning until the owner takes over', () => {
    const result = adoptable(emptyCatalogue, [orders]);
    expect(result?.specs[0]).toMatchObject({ notes: [], avsc: expect.any(String) as string });
    const files = result?.specs.flatMap(filesOf) ?? [];
    const owned = files.map(({ path, text }) => ({ path, text: text.replace('adopted: true\n', '') }));
    // The same files without the line: nothing can be adopted beside them, for they are wrong.
    expect(adoptable([...emptyCatalogue, ...owned], [])).toBeUndefined();
    expect(adoptable([...emptyCatalogue, ...files], [])).toBeDefined();
  });

  it.each([
    ['that is broken', handMade.replace('"string"', '"strong"'), 'unknown type strong'],
    [
      'with a default that fits nothing',
      handMade.replace('"string"', '"string","default":1'),
      'incompatible field default 1',
    ],
    [
      'with examples, which are not registered',
      handMade.replace('"string"', '"string","examples":["a"]'),
      notSame(),
    ],
  ])('leaves out a schema %s', (_, schema, why) => {
    const result = adoptable(emptyCatalogue, [undeclared({ subject: { ...registered, schema } })]);
    expect(result?.specs).toHaveLength(1);
    expect(result?.specs[0]?.avsc).toBeUndefined();
    expect(result?.specs[0]?.notes.join()).toContain(why);
  });

  it('takes a type that another squad defines otherwise', () => {
    const other = { ...registered, schema: handMade.replace('"OPEN"', '"NEW"') };
    const result = adoptable(emptyCatalogue, [orders, undeclared({ topic: 'orders.old', subject: other })]);
    expect(result?.specs.map(({ avsc }) => avsc !== undefined)).toEqual([true, true]);
  });

  it('skips what the catalogue does not take, and what has a file, and takes the rest', () => {
    const file = { path: 'infra-ops/orders.shut.avsc', text: handMade };
    const named = { path: 'infra-ops/other.yaml', text: otherYaml };
    const result = adoptable(
      [...emptyCatalogue, file, named],
      [
        orders,
        undeclared({ topic: 'orders_created' }),
        undeclared({ topic: 'x'.repeat(249) }),
        undeclared({ topic: 'orders.shut', subject: registered }),
        undeclared({ topic: 'other' }),
      ],
    );
    expect(result?.specs.map(({ topic }) => topic)).toEqual(['orders.created']);
    expect(result?.skipped.map(({ reason }) => reason)).toEqual([
      'infra-ops/orders.shut.avsc is there already and was left as it is',
      'infra-ops/other.yaml is there already and was left as it is',
      expect.stringContaining('clashes with orders.created in infra-ops/orders.created.yaml:4:8'),
      expect.stringContaining('letters, digits, dots, hyphens and underscores, at most 245'),
    ]);
  });
});

function notSame(): string {
  return 'what the catalogue would register for it is another schema';
}

const otherYaml = `topic: other
owner: infra-ops
adopted: true
description: Another.
partitions: 1
replicationFactor: 1
schema: { file: orders.shut.avsc, compatibility: NONE }
classification: { level: internal }
`;

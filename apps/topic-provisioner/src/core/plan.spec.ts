import fc from 'fast-check';
import type { DesiredTopic } from '@soma/contracts';
import { mutate } from '../../test/model.js';
import { actual as actuals, asDesired, desired as desires } from '../../test/states.js';
import { applicable, blockers, plan } from './plan.js';
import type { Actual, ActualSubject, Change, Desired } from './types.js';

const topic: DesiredTopic = {
  name: 'orders',
  owner: 'infra-ops',
  partitions: 3,
  replicationFactor: 3,
  config: {},
  role: { kind: 'events' },
};
const subject = {
  subject: 'orders-value',
  topic: 'orders',
  schema: '"string"',
  level: 'FULL_TRANSITIVE',
} as const;
const acl = {
  resourceType: 'TOPIC',
  resourceName: 'orders',
  patternType: 'LITERAL',
  principal: 'User:shop',
  host: '*',
  operation: 'WRITE',
  permission: 'ALLOW',
} as const;
const nothing: Desired = { topics: [], subjects: [], acls: [] };
const empty: Actual = { clusterId: 'c', brokers: 3, topics: new Map(), subjects: new Map(), acls: [] };

const changes = (wanted: Partial<Desired>, there: Partial<Actual>): readonly Change[] =>
  plan({ ...nothing, ...wanted }, { ...empty, ...there }).changes;

/** The one change of a topic that stands with these partitions, replicas and configs. */
const topicChange = (
  wanted: Partial<DesiredTopic>,
  there: { partitions?: number; replicationFactor?: number; configs?: Record<string, string | null> },
) => {
  const standing = { partitions: 3, replicationFactor: 3, configs: {}, ...there };
  const found = changes({ topics: [{ ...topic, ...wanted }] }, { topics: new Map([['orders', standing]]) });
  expect(found).toHaveLength(1);
  return found[0] as Change;
};

const subjectChanges = (
  there: Partial<ActualSubject>,
  level: typeof subject.level | 'NONE' | 'BACKWARD' = subject.level,
) => {
  const seen = { registered: true, versions: [1], incompatibleWith: [], ...there };
  return changes({ subjects: [{ ...subject, level }] }, { subjects: new Map([['orders-value', seen]]) });
};

describe('the class of a change, and why', () => {
  it('creates a topic that is not there', () => {
    expect(changes({ topics: [topic] }, {})).toEqual([
      {
        resource: 'orders',
        field: 'topic',
        before: null,
        after: '3 partitions, 3 replicas',
        class: 'create',
        reason: 'the catalogue declares it and the cluster does not have it',
        mutation: { kind: 'create-topic', topic },
      },
    ]);
  });

  it('adds partitions only if that is allowed: keys move', () => {
    const change = topicChange({ partitions: 6 }, {});
    expect(change).toMatchObject({ class: 'unsafe', field: 'partitions', before: '3', after: '6' });
    expect(change.reason).toContain('order is lost');
    expect(change.mutation).toEqual({ kind: 'add-partitions', topic: 'orders', count: 6 });
  });

  it('refuses fewer partitions and other replicas, and says what to do instead', () => {
    const fewer = topicChange({ partitions: 1 }, {});
    expect(fewer).toMatchObject({ class: 'refused', mutation: { kind: 'none' } });
    expect(fewer.reason).toBe(
      'Kafka cannot take partitions away: declare 3, or move the consumers to a new topic',
    );
    const replicas = topicChange({ replicationFactor: 2 }, {});
    expect(replicas).toMatchObject({
      class: 'refused',
      field: 'replicationFactor',
      mutation: { kind: 'none' },
    });
    expect(replicas.reason).toContain('partition reassignment');
  });

  it.each([
    ['retention.ms', '1000', '2000', 'safe'],
    ['retention.ms', '2000', '1000', 'unsafe'],
    ['retention.ms', '2000', '-1', 'safe'],
    ['retention.ms', '-1', '2000', 'unsafe'],
    ['retention.bytes', '-1', '1048576', 'unsafe'],
    ['min.insync.replicas', '2', '1', 'unsafe'],
    ['min.insync.replicas', '1', '2', 'safe'],
    ['max.message.bytes', '2000000', '1048588', 'unsafe'],
    ['min.compaction.lag.ms', '60000', '0', 'unsafe'],
    ['cleanup.policy', 'delete', 'compact', 'unsafe'],
    ['unclean.leader.election.enable', 'false', 'true', 'unsafe'],
    ['unclean.leader.election.enable', 'true', 'false', 'safe'],
    ['compression.type', 'producer', 'zstd', 'safe'],
    ['segment.bytes', null, '1048576', 'safe'],
  ])('%s from %s to %s is %s', (config, before, after, expected) => {
    const change = topicChange({ config: { [config]: after } }, { configs: { [config]: before } });
    expect(change).toMatchObject({ class: expected, field: config, before, after });
    expect(change.reason).not.toBe('');
    expect(change.mutation).toEqual({ kind: 'set-config', topic: 'orders', config, value: after });
  });

  it('takes the parts of a cleanup policy in any order', () => {
    const standing = { partitions: 3, replicationFactor: 3, configs: { 'cleanup.policy': 'delete,compact' } };
    const wanted = { ...topic, config: { 'cleanup.policy': 'compact,delete' } };
    expect(changes({ topics: [wanted] }, { topics: new Map([['orders', standing]]) })).toEqual([]);
  });

  it('leaves configs alone that the catalogue does not name', () => {
    const standing = { partitions: 3, replicationFactor: 3, configs: { 'retention.ms': '1' } };
    expect(changes({ topics: [topic] }, { topics: new Map([['orders', standing]]) })).toEqual([]);
  });

  it('registers the first version behind its level', () => {
    const found = changes({ subjects: [subject] }, {});
    expect(found.map(({ field, class: kind, after }) => [field, kind, after])).toEqual([
      ['compatibility', 'create', 'FULL_TRANSITIVE'],
      ['schema', 'create', 'version 1'],
    ]);
  });

  it('registers a compatible version, and refuses an incompatible one with the versions that it breaks', () => {
    const [compatible] = subjectChanges({ level: 'FULL_TRANSITIVE', registered: false, versions: [1, 2] });
    expect(compatible).toMatchObject({
      class: 'safe',
      field: 'schema',
      before: 'version 2',
      after: 'a new version',
    });
    const [breaking] = subjectChanges({
      level: 'FULL_TRANSITIVE',
      registered: false,
      versions: [1, 2],
      incompatibleWith: [1],
    });
    expect(breaking).toMatchObject({ class: 'refused', mutation: { kind: 'none' } });
    expect(breaking?.reason).toBe(
      'not FULL_TRANSITIVE compatible with version 1: give new fields a default and keep old ones',
    );
  });

  it('raises a level safely, and lowers it only if that is allowed', () => {
    expect(subjectChanges({ level: 'BACKWARD' })).toMatchObject([{ class: 'safe', before: 'BACKWARD' }]);
    expect(subjectChanges({ level: 'FULL_TRANSITIVE' }, 'NONE')).toMatchObject([
      { class: 'unsafe', after: 'NONE' },
    ]);
    expect(subjectChanges({ level: 'FORWARD' }, 'BACKWARD')).toMatchObject([
      { class: 'unsafe', reason: 'a weaker level lets through what breaks consumers' },
    ]);
  });

  it('grants a right that is missing, also when it stands for one host only', () => {
    const grant = {
      class: 'create',
      field: 'acl',
      resource: 'User:shop ALLOW WRITE TOPIC orders',
      mutation: { kind: 'create-acl', acl },
    };
    expect(changes({ acls: [acl] }, {})).toMatchObject([grant]);
    expect(changes({ acls: [acl] }, { acls: [{ ...acl, host: '10.0.0.1' }] })).toMatchObject([grant]);
    expect(changes({ acls: [acl] }, { acls: [acl] })).toEqual([]);
  });

  it('grants nothing on a cluster without an authorizer', () => {
    const { acls: _, ...open } = empty;
    expect(plan({ ...nothing, acls: [acl] }, open).changes).toEqual([]);
  });
});

describe('what may be applied', () => {
  const mixed = {
    topics: [
      { ...topic, partitions: 6, replicationFactor: 2 },
      { ...topic, name: 'new' },
    ],
  };
  const standing = new Map([['orders', { partitions: 3, replicationFactor: 3, configs: {} }]]);
  const current = { clusterId: 'c', changes: changes(mixed, { topics: standing }) };

  it('leaves out what is unsafe unless it is allowed, and always what is refused', () => {
    expect(applicable(current, false).map(({ field }) => field)).toEqual(['topic']);
    expect(applicable(current, true).map(({ field }) => field)).toEqual(['partitions', 'topic']);
  });

  it('is stopped by an incompatible schema, not by another refusal', () => {
    expect(blockers(current)).toEqual([]);
    const breaking = subjectChanges({ registered: false, incompatibleWith: [1] });
    expect(blockers({ clusterId: 'c', changes: breaking }).map(({ field }) => field)).toEqual(['schema']);
  });
});

describe('every plan', () => {
  it('is empty for a cluster that is as desired', () => {
    fc.assert(
      fc.property(desires, (desired) => expect(plan(desired, asDesired(desired)).changes).toEqual([])),
    );
  });

  it('leaves nothing to do, once applied, but what it refused', () => {
    fc.assert(
      fc.property(desires, actuals, (desired, actual) => {
        const first = plan(desired, actual);
        const after = first.changes.reduce((state, { mutation }) => mutate(state, mutation), actual);
        expect(plan(desired, after).changes).toEqual(
          first.changes.filter(({ class: kind }) => kind === 'refused'),
        );
      }),
    );
  });

  it('names only what is desired and takes nothing away', () => {
    fc.assert(
      fc.property(desires, actuals, (desired, actual) => {
        const { changes: all } = plan(desired, actual);
        const after = all.reduce((state, { mutation }) => mutate(state, mutation), actual);
        for (const [name, { partitions, configs }] of actual.topics) {
          const now = after.topics.get(name);
          expect(now?.partitions).toBeGreaterThanOrEqual(partitions);
          expect(Object.keys(now?.configs ?? {})).toEqual(expect.arrayContaining(Object.keys(configs)));
        }
        expect([...after.subjects.keys()]).toEqual(expect.arrayContaining([...actual.subjects.keys()]));
        expect(after.acls).toEqual(expect.arrayContaining([...(actual.acls ?? [])]));
        const undeclared = [...actual.topics.keys()].filter(
          (name) => !desired.topics.some((one) => one.name === name),
        );
        for (const name of undeclared) expect(after.topics.get(name)).toBe(actual.topics.get(name));
      }),
    );
  });
});

import fc from 'fast-check';
import type { DesiredTopic } from '@soma/contracts';
import { mutate } from '../../test/model.js';
import { actual as actuals, asDesired, desired as desires } from '../../test/states.js';
import { plan, topicsToWeigh } from './plan.js';
import { select } from './select.js';
import { standingIn } from './standing.js';
import {
  type Actual,
  type ActualSubject,
  type ActualTopic,
  type Change,
  changeClasses,
  changeId,
  type Desired,
  planParts,
  type TopicData,
} from './types.js';

const topic: DesiredTopic = {
  name: 'orders',
  owner: 'infra-ops',
  partitions: 3,
  replicationFactor: 3,
  config: {},
  strict: false,
  role: { kind: 'events' },
};
const subject = {
  subject: 'orders-value',
  topic: 'orders',
  owner: 'infra-ops',
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
const nothing: Desired = { topics: [], subjects: [], acls: [], quotas: [] };
const empty: Actual = {
  clusterId: 'c',
  brokers: 3,
  names: new Set(),
  topics: new Map(),
  unreadable: new Map(),
  subjects: new Map(),
  acls: [],
  quotas: [],
  data: new Map(),
};
const some: TopicData = { messages: 7, bytes: 700, groups: [] };
const standingTopic: ActualTopic = { partitions: 3, replicationFactor: 3, configs: {}, overridden: [] };

/** A cluster with the topic `orders`. */
const withOrders = (there: Partial<ActualTopic> = {}, data?: TopicData): Partial<Actual> => ({
  names: new Set(['orders']),
  topics: new Map([['orders', { ...standingTopic, ...there }]]),
  ...(data && { data: new Map([['orders', data]]) }),
});

const changes = (wanted: Partial<Desired>, there: Partial<Actual>): readonly Change[] =>
  plan({ ...nothing, ...wanted }, { ...empty, ...there }).changes;

/** The one change of a topic that stands with these partitions, replicas and configs. */
const topicChange = (
  wanted: Partial<DesiredTopic>,
  there: Partial<ActualTopic>,
  data?: TopicData,
): Change => {
  const found = changes({ topics: [{ ...topic, ...wanted }] }, withOrders(there, data));
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
        part: 'topics',
        resource: 'orders',
        owner: 'infra-ops',
        field: 'topic',
        before: null,
        after: '3 partitions, 3 replicas',
        class: 'create',
        reason: 'the catalogue declares it and the cluster does not have it',
        mutation: { kind: 'create-topic', topic },
      },
    ]);
  });

  it('refuses a topic whose name Kafka cannot tell from one that stands', () => {
    const [clash] = changes({ topics: [{ ...topic, name: 'orders.eu' }] }, { names: new Set(['orders_eu']) });
    expect(clash).toMatchObject({ class: 'unsupported', mutation: { kind: 'none' } });
    expect(clash?.reason).toContain('orders_eu stands on the cluster');
    expect(clash?.refused).toBe('declare another name');
  });

  it('refuses a topic that no request can create, and takes the largest that one can', () => {
    expect(changes({ topics: [{ ...topic, partitions: 10_001 }] }, {})).toMatchObject([
      { class: 'unsupported', refused: 'declare at most 10000 partitions' },
    ]);
    expect(changes({ topics: [{ ...topic, partitions: 10_000 }] }, {})).toMatchObject([{ class: 'create' }]);
  });

  it('cannot judge a topic that the brokers do not show, and says in their words why', () => {
    const unreadable = new Map([['orders', 'Not authorized (TOPIC_AUTHORIZATION_FAILED)']]);
    const [change] = changes({ topics: [topic] }, { unreadable });
    expect(change).toMatchObject({ class: 'unknown', mutation: { kind: 'none' } });
    expect(change?.refused).toContain('TOPIC_AUTHORIZATION_FAILED');
  });

  it('adds partitions only if that is allowed: keys move', () => {
    const change = topicChange({ partitions: 6 }, {}, some);
    expect(change).toMatchObject({
      class: 'unsafe',
      field: 'partitions',
      before: '3',
      after: '6',
      touches: some,
    });
    expect(change.reason).toContain('order is lost');
    expect(change.mutation).toEqual({ kind: 'add-partitions', topic: 'orders', count: 6 });
  });

  it('refuses fewer partitions and other replicas, and says what to do instead', () => {
    const fewer = topicChange({ partitions: 1 }, {});
    expect(fewer).toMatchObject({ class: 'unsupported', mutation: { kind: 'none' } });
    expect(fewer.refused).toBe('declare 3, or move producers and consumers to a new topic');
    const replicas = topicChange({ replicationFactor: 2 }, {});
    expect(replicas).toMatchObject({ class: 'unsupported', field: 'replicationFactor' });
    expect(replicas.refused).toContain('kafka-reassign-partitions.sh');
  });

  it.each([
    ['retention.ms', '1000', '2000', 'safe'],
    ['retention.ms', '2000', '1000', 'unsafe'],
    ['retention.ms', '2000', '-1', 'safe'],
    ['retention.bytes', '1100000', '1048576', 'unsafe'],
    ['min.insync.replicas', '2', '1', 'unsafe'],
    ['min.insync.replicas', '1', '2', 'safe'],
    ['max.message.bytes', '2000000', '1048588', 'unsafe'],
    ['min.compaction.lag.ms', '60000', '0', 'unsafe'],
    ['cleanup.policy', 'delete', 'compact', 'destructive'],
    ['unclean.leader.election.enable', 'false', 'true', 'unsafe'],
    ['unclean.leader.election.enable', 'true', 'false', 'safe'],
    ['compression.type', 'producer', 'zstd', 'safe'],
    ['segment.bytes', null, '1048576', 'unknown'],
    ['a.config.of.tomorrow', '1', '2', 'unknown'],
  ])('%s from %s to %s is %s', (config, before, after, expected) => {
    const change = topicChange({ config: { [config]: after } }, { configs: { [config]: before } });
    expect(change).toMatchObject({ class: expected, field: config, before, after });
    expect(change.reason).not.toBe('');
    expect(change.mutation).toEqual({ kind: 'set-config', topic: 'orders', config, value: after });
  });

  it('judges another cleanup policy by what the topic holds', () => {
    const flip = (data?: TopicData) =>
      topicChange(
        { config: { 'cleanup.policy': 'compact' } },
        { configs: { 'cleanup.policy': 'delete' } },
        data,
      );
    expect(flip()).toMatchObject({ class: 'destructive' });
    expect(flip(some)).toMatchObject({ class: 'destructive', touches: { messages: 7, bytes: 700 } });
    expect(flip({ ...some, messages: 0 })).toMatchObject({ class: 'unsafe' });
  });

  it.each([
    ['retention.ms', '604800000', '86400000', '302400000'],
    ['retention.ms', '172800000', '86400000', '86400000'],
    ['retention.ms', '-1', '86400000', '345600000'],
    ['retention.bytes', '8000', '1000', '4000'],
    ['retention.ms', '1000', '0', '0'],
  ])('lowers %s from %s to %s one step at a time: to %s', (config, before, after, step) => {
    const lowered = topicChange({ config: { [config]: after } }, { configs: { [config]: before } }, some);
    expect(lowered).toMatchObject({ class: 'unsafe', before, after, mutation: { value: step } });
    if (step !== after) expect(lowered.reason).toContain(`this apply goes to ${step}`);
    const held = { ...some, messages: 0 };
    expect(
      topicChange({ config: { [config]: after } }, { configs: { [config]: before } }, held),
    ).toMatchObject({
      mutation: { value: after },
    });
  });

  it('takes the parts of a cleanup policy in any order', () => {
    const wanted = { ...topic, config: { 'cleanup.policy': 'compact,delete' } };
    const there = withOrders({ configs: { 'cleanup.policy': 'delete,compact' } });
    expect(changes({ topics: [wanted] }, there)).toEqual([]);
  });

  it('leaves configs alone that the catalogue does not name, unless the spec is strict', () => {
    const there = withOrders({
      configs: { 'retention.ms': '1', 'segment.bytes': '2' },
      overridden: ['retention.ms'],
    });
    expect(changes({ topics: [topic] }, there)).toEqual([]);
    expect(changes({ topics: [{ ...topic, strict: true }] }, there)).toMatchObject([
      { field: 'retention.ms', before: '1', after: null, class: 'unsafe', mutation: { value: null } },
    ]);
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
    expect(breaking).toMatchObject({ class: 'unsupported', mutation: { kind: 'none' } });
    expect(breaking?.reason).toBe('not FULL_TRANSITIVE compatible with version 1');
    expect(breaking?.refused).toContain('give new fields a default');
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

  it('revokes a right only on a topic whose spec is strict, and only if that is allowed', () => {
    const stray = { ...acl, principal: 'User:stranger' };
    const wider = { ...stray, resourceName: 'ord', patternType: 'PREFIXED' as const };
    const there = { ...withOrders(), acls: [acl, stray, wider] };
    expect(changes({ topics: [topic], acls: [acl] }, there)).toEqual([]);
    expect(changes({ topics: [{ ...topic, strict: true }], acls: [acl] }, there)).toMatchObject([
      { class: 'unsafe', after: null, mutation: { kind: 'delete-acl', acl: stray } },
    ]);
  });

  it('plans topics on a cluster without an authorizer, and no right', () => {
    const { acls: _, ...open } = empty;
    const made = plan({ ...nothing, topics: [topic], acls: [acl] }, open);
    expect(made.changes.map(({ part }) => part)).toEqual(['topics']);
  });

  it.each([
    [undefined, 'create'],
    [5, 'safe'],
    [20, 'unsafe'],
  ])('a quota of 10 where %s stands is %s', (before, expected) => {
    const values = { producer_byte_rate: 10 };
    const there =
      before === undefined ? [] : [{ user: 'shop', values: { producer_byte_rate: before, other: 1 } }];
    expect(changes({ quotas: [{ user: 'shop', values }] }, { quotas: there })).toMatchObject([
      { part: 'quotas', resource: 'shop', field: 'producer_byte_rate', class: expected },
    ]);
  });
});

describe('a deletion', () => {
  const now = 1_000_000_000;
  const deletion = (
    there: Partial<Actual>,
    more: { force?: boolean; wanted?: Partial<Desired> } = {},
  ): Change => {
    const options = { deletions: ['orders'], force: more.force ?? false, now };
    const found = plan({ ...nothing, ...more.wanted }, { ...empty, ...there }, options).changes.filter(
      ({ mutation, after }) => mutation.kind !== 'create-topic' && after === null,
    );
    expect(found).toHaveLength(1);
    return found[0] as Change;
  };
  const old = { messages: 7, bytes: 700, newestAt: now - 2_000, groups: [] };
  const hour = { configs: { 'retention.ms': '1000' } };

  it('shows what is lost by it', () => {
    expect(deletion(withOrders(hour, old))).toMatchObject({
      class: 'destructive',
      before: '7 messages, 700 bytes',
      touches: old,
      mutation: { kind: 'delete-topic', topic: 'orders' },
    });
  });

  it.each([
    ['members', { ...old, groups: [{ group: 'shop', members: 2, lag: 5 }] }, hour, 'attached: shop (2)'],
    ['young records', { ...old, newestAt: now }, { configs: { 'retention.ms': '120000' } }, '2 more minutes'],
    ['records without a limit', old, { configs: { 'retention.ms': '-1' } }, 'without limit'],
  ])('is refused for %s, unless it is forced', (_, data, there, words) => {
    expect(deletion(withOrders(there, data)).refused).toContain(words);
    expect(deletion(withOrders(there, data), { force: true }).refused).toBeUndefined();
  });

  it('of an idle group or an empty topic needs no force', () => {
    const idle = { ...old, groups: [{ group: 'shop', members: 0, lag: 5 }] };
    expect(deletion(withOrders(hour, idle)).refused).toBeUndefined();
    const { newestAt: _, ...never } = { ...old, messages: 0 };
    expect(deletion(withOrders({ configs: { 'retention.ms': '-1' } }, never)).refused).toBeUndefined();
  });

  it('is impossible for what is not there, cannot be weighed, or is declared', () => {
    expect(deletion({})).toMatchObject({ class: 'unsupported', refused: 'check its name' });
    expect(deletion(withOrders(hour)).refused).toContain('could not be read');
    const declared = deletion(withOrders(hour, old), { force: true, wanted: { topics: [topic] } });
    expect(declared).toMatchObject({ class: 'unsupported', refused: 'take it out of the catalogue first' });
  });
});

describe('a selection', () => {
  const mixed = {
    topics: [
      { ...topic, partitions: 6, replicationFactor: 2 },
      { ...topic, name: 'new' },
    ],
    acls: [acl],
  };
  const current = { clusterId: 'c', changes: changes(mixed, withOrders()) };
  const fields = (some: readonly Change[]) => some.map(({ field }) => field);

  it('leaves out what is unsafe unless it is allowed, and always what is refused', () => {
    expect(fields(select(current, {}).chosen)).toEqual(['topic', 'acl']);
    expect(fields(select(current, { allow: ['unsafe', 'unsupported'] }).chosen)).toEqual([
      'partitions',
      'topic',
      'acl',
    ]);
  });

  it('covers the parts that are named, and leaves the others unmentioned', () => {
    const { chosen, left } = select(current, { only: ['acls'] });
    expect([fields(chosen), fields(left)]).toEqual([['acl'], []]);
  });

  it('is stopped by an incompatible schema, not by another refusal, and not when schemas are left out', () => {
    expect(select(current, {}).blockers).toEqual([]);
    const breaking = {
      clusterId: 'c',
      changes: subjectChanges({ registered: false, incompatibleWith: [1] }),
    };
    expect(fields(select(breaking, {}).blockers)).toEqual(['schema']);
    expect(select(breaking, { only: ['topics'] }).blockers).toEqual([]);
  });
});

describe('every plan', () => {
  const selection = fc.record({
    allow: fc.subarray([...changeClasses]),
    only: fc.option(fc.subarray([...planParts]), { nil: undefined }),
  });
  const applied = (desired: Desired, actual: Actual, chosen: readonly Change[]): Actual =>
    chosen.reduce((state, { mutation }) => mutate(state, mutation), actual);

  it('is empty for a cluster that is as desired', () => {
    fc.assert(
      fc.property(desires, (desired) => expect(plan(desired, asDesired(desired)).changes).toEqual([])),
    );
  });

  it('names each change once, and asks to weigh whatever a change may hurt', () => {
    fc.assert(
      fc.property(desires, actuals, (desired, actual) => {
        const made = plan(desired, actual);
        const ids = made.changes.map(changeId);
        expect(new Set(ids).size).toBe(ids.length);
        const weighed = topicsToWeigh(made);
        for (const { part, resource, class: kind, before } of made.changes)
          if (part === 'topics' && !['create', 'safe'].includes(kind) && before !== null)
            expect(weighed).toContain(resource);
      }),
    );
  });

  it('leaves nothing of what was chosen, once applied, but steps; and all of what was not', () => {
    fc.assert(
      fc.property(desires, actuals, selection, (desired, actual, { allow, only }) => {
        const first = plan(desired, actual);
        const { chosen } = select(first, { allow, ...(only && { only }) });
        const after = applied(desired, actual, chosen);
        const isStep = ({ mutation, after: target }: Change): boolean =>
          mutation.kind === 'set-config' && mutation.value !== target;
        const ids = (some: readonly Change[]): string[] => some.map(changeId);
        const rest = first.changes.filter((change) => !chosen.includes(change) || isStep(change));
        expect(ids(plan(desired, after).changes)).toEqual(ids(rest));
        expect(chosen.map(standingIn(after)).filter((state) => state !== 'done')).toEqual([]);
        const open = first.changes.filter(
          (change) => !chosen.includes(change) && change.mutation.kind !== 'none',
        );
        expect(open.map(standingIn(after)).filter((state) => state !== 'open')).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });

  it('reaches a lower retention in as many applies as it has halves', () => {
    const retention = fc.integer({ min: 1, max: 1_000_000 }).map(String);
    fc.assert(
      fc.property(retention, fc.oneof(retention, fc.constant('-1')), (after, before) => {
        const wanted: Desired = { ...nothing, topics: [{ ...topic, config: { 'retention.ms': after } }] };
        let state: Actual = { ...empty, ...withOrders({ configs: { 'retention.ms': before } }, some) };
        let applies = 0;
        for (let left = plan(wanted, state); left.changes.length > 0; left = plan(wanted, state)) {
          state = applied(wanted, state, left.changes);
          applies += 1;
        }
        const from = before === '-1' ? Number(after) * 8 : Number(before);
        expect(applies).toBeLessThanOrEqual(Math.max(1, Math.ceil(Math.log2(from / Number(after))) + 1));
      }),
    );
  });

  it('names only what is desired and takes nothing away that is not strictly its own', () => {
    fc.assert(
      fc.property(desires, actuals, (desired, actual) => {
        const after = applied(desired, actual, plan(desired, actual).changes);
        const strict = desired.topics.filter((one) => one.strict).map(({ name }) => name);
        for (const [name, { partitions, configs }] of actual.topics) {
          const now = after.topics.get(name);
          expect(now?.partitions).toBeGreaterThanOrEqual(partitions);
          expect(Object.keys(now?.configs ?? {})).toEqual(expect.arrayContaining(Object.keys(configs)));
        }
        expect([...after.subjects.keys()]).toEqual(expect.arrayContaining([...actual.subjects.keys()]));
        const kept = (actual.acls ?? []).filter(({ resourceName }) => !strict.includes(resourceName));
        expect(after.acls).toEqual(expect.arrayContaining(kept));
        const undeclared = [...actual.topics.keys()].filter(
          (name) => !desired.topics.some((one) => one.name === name),
        );
        for (const name of undeclared) expect(after.topics.get(name)).toBe(actual.topics.get(name));
      }),
    );
  });
});

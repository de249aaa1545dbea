import fc from 'fast-check';
import { waitFor } from '@soma/testing';
import { entry } from '../../test/notifications.js';
import { createTestStore, type TestStore } from '../../test/test-store.js';
import type { Notification } from '../core/notification.js';
import { muteId, mutes, type MuteMatcher } from '../core/people/mute.js';
import { mostMutes, type PeopleStore } from '../people-ports.js';
import { createPeopleStore } from './people-store.js';

const squad = 'infra-ops';
const ann = { squad, person: 'ann' };
const everything = { limit: 500, unread: false, all: true };
const shown = { limit: 500, unread: false, all: false };

let test: TestStore;
let people: PeopleStore;

beforeEach(async () => {
  test = await createTestStore();
  people = createPeopleStore(test.postgres);
});

afterEach(() => test.drop());

let offset = 0;
const append = async (...notifications: readonly Partial<Notification>[]): Promise<string[]> =>
  (await test.store.append(notifications.map((one) => entry((offset += 1), one)))).map(
    ({ position }) => position,
  );
const inbox = async (query = shown, reader = ann) =>
  (await people.inbox(reader, query)).map(({ position }) => position);
const soon = () => Date.now() + 3_600_000;

describe('what is read', () => {
  it('is what is up to the mark, which goes forward and not beyond the end of the feed', async () => {
    const [first = '', second = '', third = ''] = await append({}, {}, {});
    expect(await people.readUpTo(ann, second)).toBe(second);
    expect(await people.readUpTo(ann, first)).toBe(second);
    expect(await inbox({ ...shown, unread: true })).toEqual([third]);
    expect(await people.readUpTo(ann, '9223372036854775807')).toBe(third);
    const [fourth = ''] = await append({ severity: 'error' });
    expect(await people.unread(ann)).toEqual({
      upTo: third,
      counts: { info: 0, warning: 0, error: 1, critical: 0 },
    });
    expect(await inbox({ ...shown, unread: true })).toEqual([fourth]);
    expect((await people.unread({ squad, person: 'ben' })).upTo).toBe('0');
    expect((await people.unread({ squad: 'ui-experience', person: 'ann' })).upTo).toBe('0');
  });

  it('is kept one by one above the mark, and joined with it where no hole is left', async () => {
    const foreign = { squads: ['ui-experience'] };
    const [a = '', , b = '', c = '', d = '', e = ''] = await append({}, foreign, {}, {}, {}, {});
    const single = async () =>
      (
        await test.postgres.query<{ position: string }>('SELECT position FROM read_position ORDER BY 1')
      ).rows.map(({ position }) => position);
    expect(await people.read(ann, [c, e])).toEqual({ upTo: '0' });
    expect(await single()).toEqual([c, e]);
    // What another squad was told is no hole.
    expect(await people.read(ann, [a, b])).toEqual({ upTo: c });
    expect(await single()).toEqual([e]);
    expect(await inbox({ ...shown, unread: true })).toEqual([d]);
    expect(await people.readUpTo(ann, d)).toBe(e);
    expect(await single()).toEqual([]);
  });

  it('is marked as a whole, or not at all if there is something that the squad does not have', async () => {
    const [mine = '', foreign = ''] = await append({}, { squads: ['ui-experience'] });
    expect(await people.read(ann, [mine, foreign, '77'])).toEqual({ unknown: [foreign, '77'] });
    expect(await inbox({ ...shown, unread: true })).toEqual([mine]);
  });

  it('is the same in the end, however a person reads it from many devices at once', async () => {
    const positions = await append(...Array.from({ length: 60 }, () => ({})));
    await Promise.all(
      Array.from({ length: 12 }, (_, device) =>
        device % 4 === 0
          ? people.readUpTo(ann, positions[device * 3] ?? '')
          : people.read(
              ann,
              positions.filter(
                (_position, index) => index % 12 === device || index % 12 === device - (device % 4),
              ),
            ),
      ),
    );
    expect(await inbox({ ...shown, unread: true })).toEqual([]);
    expect((await people.unread(ann)).upTo).toBe(positions.at(-1));
    const { rows } = await test.postgres.query('SELECT 1 FROM read_position');
    expect(rows).toEqual([]);
  });

  it('is counted up to a thousand of each severity', async () => {
    await append(...Array.from({ length: 1_003 }, () => ({})), { severity: 'warning' });
    expect((await people.unread(ann)).counts).toEqual({ info: 1_000, warning: 1, error: 0, critical: 0 });
  });
});

describe('an acknowledgement', () => {
  it('is of whoever came first: both of two at once are told the same', async () => {
    for (const position of await append(...Array.from({ length: 10 }, () => ({})))) {
      const answers = await Promise.all(
        ['ann', 'ben', 'cem', 'dee'].map((person) => people.acknowledge(squad, position, person, person)),
      );
      expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
      expect(answers[0]?.note).toBe(answers[0]?.by);
      expect(await people.acknowledge(squad, position, 'eve', 'late')).toEqual(answers[0]);
      expect(await people.history(squad, position)).toEqual([
        expect.objectContaining({ act: 'acknowledged', by: answers[0]?.by, detail: answers[0]?.note }),
      ]);
    }
  });

  it('is of one squad: the others that have the notification, too, decide for themselves', async () => {
    const [position = ''] = await append({ squads: ['*'] });
    await people.acknowledge(squad, position, 'ann', null);
    const [theirs] = await people.inbox({ squad: 'ui-experience', person: 'ann' }, everything);
    expect(theirs).toMatchObject({ position, acked: null });
    expect(await people.history('ui-experience', position)).toEqual([]);
    const [mine] = await people.inbox({ squad, person: 'ben' }, everything);
    expect(mine?.acked).toMatchObject({ by: 'ann', note: null });
  });

  it('is taken back and given anew, and so is an assignment; what was done is kept', async () => {
    const [position = ''] = await append({});
    await people.acknowledge(squad, position, 'ann', 'on it');
    await people.withdraw(squad, position, 'ben');
    await people.withdraw(squad, position, 'ben');
    await people.acknowledge(squad, position, 'cem', null);
    const first = await people.assign(squad, position, 'dee', 'cem');
    expect(await people.assign(squad, position, 'dee', 'ann')).toEqual(first);
    expect(await people.assign(squad, position, 'eve', 'dee')).toMatchObject({ assignee: 'eve', by: 'dee' });
    expect((await people.inbox(ann, shown))[0]).toMatchObject({ assignee: 'eve', acked: { by: 'cem' } });
    await people.unassign(squad, position, 'eve');
    await people.unassign(squad, position, 'eve');
    const history = await people.history(squad, position);
    expect(history?.map(({ act, by, detail }) => [act, by, detail])).toEqual([
      ['acknowledged', 'ann', 'on it'],
      ['withdrawn', 'ben', null],
      ['acknowledged', 'cem', null],
      ['assigned', 'cem', 'dee'],
      ['assigned', 'dee', 'eve'],
      ['unassigned', 'eve', 'eve'],
    ]);
    expect(history?.map(({ at }) => at)).toEqual(history?.map(({ at }) => at).toSorted((a, b) => a - b));
  });

  it('is of what the squad has', async () => {
    const [foreign = ''] = await append({ squads: ['ui-experience'] });
    for (const position of [foreign, '9223372036854775807']) {
      expect(await people.acknowledge(squad, position, 'ann', null)).toBeUndefined();
      expect(await people.withdraw(squad, position, 'ann')).toBeUndefined();
      expect(await people.assign(squad, position, 'ann', 'ann')).toBeUndefined();
      expect(await people.unassign(squad, position, 'ann')).toBeUndefined();
      expect(await people.history(squad, position)).toBeUndefined();
      expect(await people.snooze(ann, position, soon())).toBe(false);
      expect(await people.wake(ann, position)).toBe(false);
    }
  });
});

describe('what is hidden', () => {
  it('by a snooze comes back when its time is over, and is nobody else’s', async () => {
    const [first = '', second = ''] = await append({}, {});
    const until = soon();
    await people.snooze(ann, first, until);
    expect(await inbox()).toEqual([second]);
    expect((await people.unread(ann)).counts.info).toBe(1);
    expect((await people.inbox(ann, everything)).map(({ snoozedUntil }) => snoozedUntil)).toEqual([
      null,
      until,
    ]);
    expect(await inbox(shown, { squad, person: 'ben' })).toEqual([second, first]);
    await people.wake(ann, first);
    expect(await inbox()).toEqual([second, first]);
    await people.snooze(ann, first, Date.now() + 500);
    await waitFor(async () => (await inbox()).length === 2);
    expect((await people.inbox(ann, everything))[1]?.snoozedUntil).toBeNull();
  });

  it('by a mute is what fits, and is marked in the whole view', async () => {
    const [drill = '', charge = ''] = await append({ kind: 'drill.finished' }, { kind: 'billing.event' });
    const matcher: MuteMatcher = { kind: 'drill.*', source: null, dedupeKey: null };
    const muted = await people.mute(ann, matcher, null);
    expect(muted).toMatchObject({ id: muteId(matcher), ...matcher, until: null });
    expect(await inbox()).toEqual([charge]);
    expect((await people.unread(ann)).counts.info).toBe(1);
    expect((await people.inbox(ann, everything)).map((one) => one.muted)).toEqual([false, true]);
    const until = soon();
    expect(await people.mute(ann, matcher, until)).toEqual({ ...muted, until });
    expect(await people.mutes(ann)).toEqual([{ ...muted, until }]);
    expect(await people.mutes({ squad, person: 'ben' })).toEqual([]);
    await people.mute(ann, matcher, Date.now() - 1);
    expect(await people.mutes(ann)).toEqual([]);
    expect(await inbox()).toEqual([charge, drill]);
    expect(await people.unmute(ann, muteId(matcher))).toBe(true);
    expect(await people.unmute(ann, muteId(matcher))).toBe(false);
  });

  it('by any mute is exactly what the matcher means', async () => {
    const word = fc.constantFrom(
      'drill',
      'drill.finished',
      'drill.finished.late',
      'drills',
      'a_b',
      'aXb',
      '%',
    );
    const pattern = fc.oneof(
      word,
      word.map((kind) => `${kind}.*`),
    );
    await append(
      ...fc
        .sample(fc.record({ kind: word, source: word, dedupeKey: word }), 120)
        .map((one) => ({ ...one, squads: [squad] })),
    );
    const matchers = fc.record({
      kind: fc.option(pattern),
      source: fc.option(word, { freq: 1 }),
      dedupeKey: fc.option(word, { freq: 1 }),
    });
    await fc.assert(
      fc.asyncProperty(matchers, fc.uuid(), async (matcher, person) => {
        fc.pre(Object.values(matcher).some((part) => part !== null));
        await people.mute({ squad, person }, matcher, null);
        for (const one of await people.inbox({ squad, person }, everything))
          expect({ ...one, muted: one.muted }).toMatchObject({ muted: mutes(matcher, one) });
      }),
      { numRuns: 40 },
    );
  });

  it('has an end to the number of mutes', async () => {
    const mute = (n: number) => people.mute(ann, { kind: `kind-${n}`, source: null, dedupeKey: null }, null);
    for (let n = 0; n < mostMutes; n += 1) await mute(n);
    expect(await mute(mostMutes)).toBeUndefined();
    expect(await mute(0)).toMatchObject({ kind: 'kind-0' });
    expect(await people.mutes(ann)).toHaveLength(mostMutes);
  });
});

it('pages the inbox backwards, each row once, with all that a notification says', async () => {
  const positions = await append(...Array.from({ length: 7 }, () => ({ metadata: { a: 'b' } })));
  const seen: string[] = [];
  for (let before: string | undefined; ; before = seen.at(-1)) {
    const page = await people.inbox(ann, { ...shown, limit: 3, before });
    if (page.length === 0) break;
    seen.push(...page.map(({ position }) => position));
  }
  expect(seen).toEqual(positions.toReversed());
  const {
    notifications: [stored],
  } = await test.store.before(squad, undefined, 1);
  const { origin: _, coordinate: __, ...rest } = stored ?? {};
  expect((await people.inbox(ann, { ...shown, limit: 1 }))[0]).toEqual({
    ...rest,
    read: false,
    acked: null,
    assignee: null,
    snoozedUntil: null,
    muted: false,
  });
});

it('forgets what was done with what the feed does not have any more', async () => {
  const [old = '', kept = ''] = await append({}, {}, {});
  for (const position of [old, kept]) {
    await people.acknowledge(squad, position, 'ann', null);
    await people.assign(squad, position, 'ann', 'ann');
    await people.snooze(ann, position, soon());
    await people.snooze({ squad, person: 'ben' }, position, Date.now() - 1);
  }
  await people.read(ann, [kept]);
  await people.prune(kept);
  const count = async (table: string) =>
    (await test.postgres.query<{ position: string }>(`SELECT position FROM ${table}`)).rows.map(
      ({ position }) => position,
    );
  for (const table of ['acknowledgement', 'assignment', 'snooze', 'read_position'])
    expect([table, await count(table)]).toEqual([table, [kept]]);
  expect(await count('response_history')).toEqual([kept, kept]);
});

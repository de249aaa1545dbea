import { waitFor } from '@soma/testing';
import { entry } from '../../test/notifications.js';
import { createTestStore, type TestStore } from '../../test/test-store.js';
import type { Notification } from '../core/notification.js';
import { severities } from '../core/severity.js';
import type { PeopleStore } from '../people-ports.js';
import { inTurn } from './notification-store.js';
import { createPeopleStore } from './people-store.js';

const squad = 'infra-ops' as const;
const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

let test: TestStore;
let people: PeopleStore;
/** A whole minute two hours ago. */
let at: number;

beforeEach(async () => {
  test = await createTestStore();
  people = createPeopleStore(test.postgres);
  at = Math.floor(Date.now() / minuteMs) * minuteMs - 2 * hourMs;
});

afterEach(() => test.drop());

let offset = 0;
/** Stores a notification as if that had been at `storedAt`; answers its position. */
const appendAt = async (storedAt: number, notification: Partial<Notification>): Promise<string> => {
  const [placement] = await test.store.append([entry((offset += 1), notification)]);
  const position = placement?.position ?? '';
  await test.postgres.query('UPDATE notification_log SET stored_at = $1 WHERE position = $2', [
    new Date(storedAt).toISOString(),
    position,
  ]);
  return position;
};
const feed = async (of = 'infra-ops', kind = 'feed.') =>
  (await test.store.after(of, '0', 1_000)).notifications.filter((one) => one.kind.startsWith(kind));

/** What six replicas answer that have all found something due before the first of them has its turn. */
const atOnce = async <T>(look: (replica: PeopleStore) => Promise<T>): Promise<T[]> => {
  const waiting = async () =>
    (
      await test.postgres.query(
        `SELECT 1 FROM pg_locks JOIN pg_database ON pg_database.oid = database
          WHERE datname = current_database() AND locktype = 'advisory' AND NOT granted`,
      )
    ).rows.length;
  const turn = Promise.withResolvers<undefined>();
  const taken = Promise.withResolvers<undefined>();
  const before = inTurn(test.postgres, () => {
    taken.resolve(undefined);
    return turn.promise;
  });
  await taken.promise;
  const answers = Array.from({ length: 6 }, () => look(createPeopleStore(test.postgres)));
  await waitFor(async () => (await waiting()) === 6, { describe: 'six replicas' }).finally(() =>
    turn.resolve(undefined),
  );
  await before;
  return Promise.all(answers);
};

describe('a digest', () => {
  /** Every day at that minute. */
  const plan = (minSeverity: (typeof severities)[number] = 'info') => ({
    squad,
    digest: {
      at: `${new Date(at).getUTCMinutes()} ${new Date(at).getUTCHours()} * * *`,
      timeZone: 'UTC',
      minSeverity,
    },
  });

  it('counts what the squad was told within its time, and lists what waits', async () => {
    const critical = { severity: 'critical', kind: 'rotation.failed', dedupeKey: 'rotation/1' } as const;
    const first = await appendAt(at, { ...critical, title: 'First' });
    const second = await appendAt(at + 1, { ...critical, title: 'Second' });
    await appendAt(at + 2, { kind: 'feed.digest' });
    await appendAt(at + 3, { squads: ['ui-experience'] });
    await appendAt(at + 4, { severity: 'warning' });
    await appendAt(at - 1, {});
    await appendAt(at + hourMs, {});
    await people.acknowledge(squad, first, 'ann', null);
    expect(await people.digest(squad, at, at + hourMs, severities)).toEqual({
      squad,
      from: at,
      to: at + hourMs,
      severities: { critical: 2, warning: 1 },
      kinds: [
        { kind: 'rotation.failed', count: 2 },
        { kind: 'settings.changed', count: 1 },
      ],
      unacknowledged: {
        count: 1,
        notifications: [{ position: second, kind: 'rotation.failed', title: 'Second', storedAt: at + 1 }],
      },
      groups: [{ dedupeKey: 'rotation/1', title: 'Second', count: 2 }],
    });
    // Acknowledged by another squad, it still waits here.
    await people.acknowledge('ui-experience', second, 'ann', null);
    expect((await people.digest(squad, at, at + hourMs, ['critical'])).unacknowledged.count).toBe(1);
    expect(await people.digest(squad, at, at + hourMs, ['error'])).toMatchObject({
      severities: {},
      kinds: [],
      groups: [],
    });
  });

  it('is told once, however many replicas look at once and however often', async () => {
    await appendAt(at - hourMs, {});
    await appendAt(at + hourMs, {});
    const told = await atOnce((replica) => replica.tellDigest(plan()));
    expect(told.toSorted()).toEqual([false, false, false, false, false, true]);
    expect(await people.tellDigest(plan())).toBe(false);
    expect(await feed()).toMatchObject([
      {
        origin: `digest:infra-ops:${new Date(at).toISOString()}`,
        squads: ['infra-ops'],
        kind: 'feed.digest',
        title: 'Digest of infra-ops: 1 notification',
        metadata: { from: new Date(at - dayMs).toISOString(), to: new Date(at).toISOString() },
      },
    ]);
  });

  it('that was missed for days is told once, with all that the missed ones would have told', async () => {
    await test.postgres.query('INSERT INTO digest (squad, handled) VALUES ($1, $2)', [
      squad,
      new Date(at - 3 * dayMs).toISOString(),
    ]);
    await appendAt(at - 3 * dayMs - 1, {});
    await appendAt(at - 3 * dayMs, {});
    await appendAt(at - 1, {});
    expect(await people.tellDigest(plan())).toBe(true);
    expect((await feed()).map(({ title }) => title)).toEqual(['Digest of infra-ops: 2 notifications']);
  });

  it('of nothing is not told, also later', async () => {
    await appendAt(at - hourMs, { severity: 'info' });
    expect(await people.tellDigest(plan('warning'))).toBe(false);
    expect(await people.tellDigest(plan('info'))).toBe(false);
    expect(await feed()).toEqual([]);
    expect(await people.tellDigest({ squad, digest: undefined })).toBe(false);
  });
});

describe('an escalation', () => {
  const plan = (kinds?: string[]) => ({
    squad,
    escalation: {
      after: { text: '1h', ms: hourMs },
      to: ['policy-orchestration' as const],
      ...(kinds && { kinds }),
    },
  });
  const critical = { severity: 'critical', kind: 'rotation.failed', squads: [squad] } as const;

  it('is told once, to the squad and those it names, however many replicas look at once', async () => {
    const position = await appendAt(Date.now() - hourMs - 1, { ...critical, title: 'Failed' });
    const told = await atOnce((replica) => replica.tellEscalations(plan()));
    expect(told.toSorted()).toEqual([0, 0, 0, 0, 0, 1]);
    expect(await people.tellEscalations(plan())).toBe(0);
    const expected = [
      {
        origin: `escalation:infra-ops:${position}`,
        severity: 'critical',
        squads: ['infra-ops', 'policy-orchestration'],
        title: 'Not acknowledged by infra-ops within 1h: Failed',
        metadata: { squad, position },
      },
    ];
    expect(await feed()).toMatchObject(expected);
    expect(await feed('policy-orchestration')).toMatchObject(expected);
  });

  it('comes of nothing that is too young, acknowledged in time, of another squad, severity or kind', async () => {
    const late = Date.now() - hourMs - 1;
    await appendAt(Date.now() - hourMs + minuteMs, critical);
    const acknowledged = await appendAt(late, { ...critical, squads: ['*'] });
    await people.acknowledge(squad, acknowledged, 'ann', null);
    await appendAt(late, { ...critical, squads: ['ui-experience'] });
    await appendAt(late, { ...critical, severity: 'error' });
    await appendAt(late, { ...critical, kind: 'rotations' });
    await appendAt(late - 2 * dayMs, critical);
    expect(await people.tellEscalations(plan(['rotation.*']))).toBe(0);
    expect(await people.tellEscalations({ squad, escalation: undefined })).toBe(0);
    // Of what was acknowledged elsewhere only.
    const other = { ...plan(['rotation.*']), squad: 'memory-constitution' as const };
    expect(await people.tellEscalations(other)).toBe(1);
    await people.withdraw(squad, acknowledged, 'ann');
    expect(await people.tellEscalations(plan(['rotation.*']))).toBe(1);
  });

  it('is never escalated itself, nor is that of another squad', async () => {
    await appendAt(Date.now() - hourMs - 1, critical);
    expect(await people.tellEscalations(plan())).toBe(1);
    await test.postgres.query("UPDATE notification_log SET stored_at = stored_at - interval '90 minutes'");
    expect(await people.tellEscalations(plan())).toBe(0);
    expect(await people.tellEscalations({ ...plan(), squad: 'policy-orchestration' })).toBe(0);
    expect(await feed()).toHaveLength(1);
  });

  it('comes of what was stored before positions had weeks, too, and a digest tells it', async () => {
    const late = Date.now() - hourMs - minuteMs;
    const position = await appendAt(late, critical);
    await test.postgres.query('UPDATE notification_log SET position = 7 WHERE position = $1', [position]);
    expect((await people.digest(squad, late, late + minuteMs, severities)).severities).toEqual({
      critical: 1,
    });
    expect(await people.tellEscalations(plan())).toBe(1);
  });

  it('comes of all that are due, in their order, also where there are very many', async () => {
    const rows = Array.from({ length: 450 }, (_, n) => entry(10_000 + n, { ...critical, title: `${n}` }));
    await test.store.append(rows);
    await test.postgres.query("UPDATE notification_log SET stored_at = stored_at - interval '2 hours'");
    let told = 0;
    for (
      let round = await people.tellEscalations(plan());
      round > 0;
      round = await people.tellEscalations(plan())
    )
      told += round;
    expect(told).toBe(450);
    expect((await feed()).map(({ title }) => title)).toEqual(
      rows.map(({ notification: { title } }) => `Not acknowledged by infra-ops within 1h: ${title}`),
    );
  });
});

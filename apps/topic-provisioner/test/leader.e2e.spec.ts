import { type SpawnedService, waitFor } from '@soma/testing';
import { bulkTopic } from './catalogue-directory.js';
import { createSite, metric, planAndApply, type Site } from './site.js';

let site: Site;
let replicas: [SpawnedService, SpawnedService];

const takeOverWithinMs = 5_000;
const bulk = 300;

const leads = async (service: SpawnedService): Promise<boolean> =>
  (await metric(service, 'soma_provisioner_leader')) === 1;

/** The replica that leads and the one that does not. */
const roles = (): Promise<{ leader: SpawnedService; follower: SpawnedService }> =>
  waitFor(
    async () => {
      const [first, second] = await Promise.all(replicas.map(leads));
      if (first === second) return undefined;
      const [one, other] = replicas;
      return first ? { leader: one, follower: other } : { leader: other, follower: one };
    },
    { describe: 'one leader' },
  );

const start = async (options: Parameters<typeof createSite>[0] = {}): Promise<void> => {
  site = await createSite(options);
  replicas = await Promise.all([site.start(), site.start()]);
};

afterEach(() => site.drop(), 180_000);

/** Waits until a replica leads, and answers how long ago that moment was, in milliseconds. */
const leadsSince = async (service: SpawnedService, since: number): Promise<number> => {
  await waitFor(() => leads(service), { describe: 'another leader' });
  return performance.now() - since;
};

it('has one leader, another one within 5 s of its death, and gives leadership back when it stops', async () => {
  await start();
  const { leader, follower } = await roles();
  await waitFor(async () => (await metric(leader, 'soma_topic_drift', { class: 'create' })) !== undefined);
  expect(await metric(follower, 'soma_topic_drift', { class: 'create' })).toBeUndefined();
  const killedAt = performance.now();
  leader.kill('SIGKILL');
  expect(await leadsSince(follower, killedAt)).toBeLessThan(takeOverWithinMs);

  const third = await site.start();
  replicas = [follower, third];
  expect((await roles()).leader).toBe(follower);
  const stoppedAt = performance.now();
  expect(await follower.stop()).toEqual({ code: 0, signal: null });
  expect(await leadsSince(third, stoppedAt)).toBeLessThan(takeOverWithinMs);
  expect(await third.stop()).toEqual({ code: 0, signal: null });
}, 120_000);

it('leads no more when its lock is lost, and stands for the next turn', async () => {
  await start();
  const { leader, follower } = await roles();
  await site.postgres.query(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity JOIN pg_locks USING (pid)
      WHERE datname = current_database() AND application_name = 'topic-provisioner leader'
        AND locktype = 'advisory' AND granted`,
  );
  expect(await leadsSince(follower, performance.now())).toBeLessThan(takeOverWithinMs);
  expect((await roles()).follower).toBe(leader);
  await follower.stop();
  await leadsSince(leader, performance.now());
}, 120_000);

interface Progress {
  readonly state: string;
  readonly position: number;
  readonly attempts: number;
  readonly kind: string;
}

const progress = async (): Promise<readonly Progress[]> => {
  const sql = `SELECT state, position, attempts, change->'mutation'->>'kind' AS kind FROM plan_item ORDER BY position`;
  return (await site.postgres.query<Progress>(sql)).rows;
};

it.each(['leader', 'follower'] as const)(
  'finishes what the %s was doing when it was killed, and does nothing twice',
  async (role) => {
    await start({ bulk });
    const both = await roles();
    const [victim, survivor] = [both[role], role === 'leader' ? both.follower : both.leader];
    const { id, applied } = await planAndApply(victim);
    const broken = applied.then(
      ({ status }) => `answered ${status}`,
      () => 'broken',
    );
    const midway = await waitFor(
      async () => {
        const items = await progress();
        const count = (state: string) => items.filter((item) => item.state === state).length;
        return count('done') > 0 && count('pending') > 0 ? items : undefined;
      },
      { timeoutMs: 60_000, describe: 'an apply that is half done' },
    );
    const killedAt = performance.now();
    victim.kill('SIGKILL');
    expect(await leadsSince(survivor, killedAt)).toBeLessThan(takeOverWithinMs);
    expect(await broken).toBe('broken');

    const ended = async (): Promise<boolean> => {
      const { rows } = await site.postgres.query<{ state: string }>('SELECT state FROM plan WHERE id = $1', [
        id,
      ]);
      return rows[0]?.state === 'ended';
    };
    await waitFor(ended, { timeoutMs: 120_000, describe: 'the other replica to finish the apply' });
    const items = await progress();
    expect(items.filter(({ state }) => state !== 'done')).toEqual([]);
    const doneBefore = new Set(
      midway.filter(({ state }) => state === 'done').map(({ position }) => position),
    );
    const again = items.filter(({ attempts }) => attempts > 1);
    expect(again.filter(({ position }) => doneBefore.has(position))).toEqual([]);
    // Only what was under way at that moment is in doubt: one batch, of one kind.
    expect(new Set(again.map(({ kind }) => kind)).size).toBeLessThanOrEqual(1);
    expect(again.filter(({ attempts }) => attempts > 2)).toEqual([]);

    const topics = (await site.admin.listTopics()).filter(({ name }) => name.startsWith(site.topic('bulk.')));
    expect(topics).toHaveLength(bulk);
    const subjects = Array.from({ length: bulk }, (_, index) => `${site.topic(bulkTopic(index))}-value`);
    const versions = await Promise.all(subjects.map((subject) => site.registry.versions(subject)));
    expect(versions.filter((some) => some.length !== 1)).toEqual([]);
  },
  300_000,
);

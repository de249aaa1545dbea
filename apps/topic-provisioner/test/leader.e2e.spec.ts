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

/** Kills the leader, waits for the other replica to lead, and answers how long that took, in milliseconds. */
const killLeader = async (): Promise<{ survivor: SpawnedService; tookMs: number }> => {
  const { leader, follower } = await roles();
  const killedAt = performance.now();
  leader.kill('SIGKILL');
  await waitFor(() => leads(follower), { describe: 'another leader' });
  return { survivor: follower, tookMs: performance.now() - killedAt };
};

it('has one leader, another one within 5 s of its death, and gives leadership back when it stops', async () => {
  await start();
  const { leader, follower } = await roles();
  expect(await metric(leader, 'soma_topic_drift', { class: 'create' })).toBeDefined();
  expect(await metric(follower, 'soma_topic_drift', { class: 'create' })).toBeUndefined();
  const { survivor, tookMs } = await killLeader();
  expect(tookMs).toBeLessThan(takeOverWithinMs);

  const third = await site.start();
  replicas = [survivor, third];
  const roleNow = await roles();
  expect(roleNow.leader).toBe(survivor);
  const stoppedAt = performance.now();
  expect(await survivor.stop()).toEqual({ code: 0, signal: null });
  await waitFor(() => leads(third), { describe: 'the third to lead' });
  expect(performance.now() - stoppedAt).toBeLessThan(takeOverWithinMs);
  expect(await third.stop()).toEqual({ code: 0, signal: null });
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

it('finishes what the leader was doing when it was killed, and does nothing twice', async () => {
  await start({ bulk });
  const { leader } = await roles();
  const { id, applied } = await planAndApply(leader);
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
  const { tookMs } = await killLeader();
  expect(tookMs).toBeLessThan(takeOverWithinMs);
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
  const doneBefore = new Set(midway.filter(({ state }) => state === 'done').map(({ position }) => position));
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
}, 300_000);

import { randomUUID } from 'node:crypto';
import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { httpJson, type SpawnedService, waitFor } from '@soma/testing';
import { createFeedSite, type FeedSite } from './feed-service.js';

const squad = 'ui-experience';
const cost = 200_000;
/** Charges after which the window of a rule is above its threshold. */
const threshold = 50;
const most = 5;

let site: FeedSite;

beforeAll(async () => {
  site = await createFeedSite();
}, 90_000);

afterAll(() => site.drop(), 60_000);

/** The file with so many rules besides the three that are looked at; as Git does it, in one step. */
const writeRules = async (more: number, when = 'event.cost == 1'): Promise<void> => {
  const others = Array.from(
    { length: more },
    (_, index) =>
      `  - { name: other-${index}, on: billing.events, when: '${when}', kind: other, severity: info, title: t, body: '' }\n`,
  );
  const text = `squad: ${squad}
rules:
  - { name: every, on: billing.events, when: 'true', kind: every, severity: info, title: '{{ event.event_id }}', body: '' }
  - name: spend
    on: billing.events
    when: 'true'
    kind: spend
    severity: warning
    title: '{{ group.count }} charges'
    body: ''
    group: { by: [event.currency], window: 31d, sum: event.cost, over: ${cost * threshold} }
  - name: few
    on: billing.events
    when: 'true'
    kind: few
    severity: info
    title: few
    body: ''
    rateLimit: { max: ${most}, per: 31d }
${others.join('')}`;
  const file = join(site.rules, `${squad}.yaml`);
  await writeFile(`${file}.new`, text);
  await rename(`${file}.new`, file);
};

const shows = async (service: SpawnedService, name: string, value: number): Promise<boolean> =>
  new RegExp(`^${name}(?:\\{[^}]*\\})? ${value}$`, 'm').test(
    (await httpJson(`${service.url}/metrics`)).body as string,
  );

const titles = async (kind: string): Promise<string[]> =>
  (
    await site.database.postgres.query<{ title: string }>(
      'SELECT title FROM notification_log WHERE kind = $1',
      [kind],
    )
  ).rows.map(({ title }) => title);

/** Charges until it is told to stop, each with an id of its own. */
const charge = () => {
  const ids: string[] = [];
  let stopped = false;
  const done = (async () => {
    while (!stopped) {
      const events = Array.from({ length: 6 }, () => randomUUID());
      await Promise.all(
        events.map((id, index) =>
          site.producer.send('billing.events', {
            event_id: id,
            tenant_id: `tenant-${index}-${ids.length % 7}`,
            service: 'slm-gateway',
            cost,
            currency: 'EUR',
            at: Date.now(),
          }),
        ),
      );
      ids.push(...events);
      await sleep(20);
    }
  })();
  return {
    ids,
    stop: () => {
      stopped = true;
      return done;
    },
  };
};

it('asks rules once about each event, by two replicas that reload them and of which one is killed', async () => {
  await writeRules(0);
  // One looks by itself, the other one when it is told.
  const polling = () => site.start({ FEED_RULES_POLL_MS: '200' });
  const told = await site.start({ FEED_RULES_POLL_MS: '3600000' });
  let looking = await polling();
  const both = (name: string, value: number) =>
    waitFor(async () => (await shows(looking, name, value)) && shows(told, name, value), {
      timeoutMs: 30_000,
    });
  const charges = charge();
  try {
    await waitFor(async () => (await titles('every')).length > 0, { timeoutMs: 60_000 });
    // Each has some of the partitions.
    const asked = /^feed_rule_evaluations_total\{rule="ui-experience\/every"/m;
    await waitFor(
      async () => {
        const pages = await Promise.all([looking, told].map(({ url }) => httpJson(`${url}/metrics`)));
        return pages.every(({ body }) => asked.test(body as string));
      },
      { timeoutMs: 60_000 },
    );
    for (const more of [1, 2, 3]) {
      await writeRules(more);
      told.kill('SIGHUP');
      await both('feed_rules', 3 + more);
    }
    await writeRules(4, 'event.cots == 1');
    told.kill('SIGHUP');
    await both('feed_rule_files_broken', 1);
    await both('feed_rules', 6);
    await writeRules(4);
    told.kill('SIGHUP');
    await both('feed_rule_files_broken', 0);
    for (let kill = 0; kill < 2; kill += 1) {
      const { length } = charges.ids;
      looking.kill('SIGKILL');
      await looking.exited;
      looking = await polling();
      await waitFor(async () => (await titles('every')).length > length, { timeoutMs: 60_000 });
    }
  } finally {
    await charges.stop();
  }
  const { ids } = charges;
  await waitFor(async () => (await titles('every')).length >= ids.length, { timeoutMs: 60_000 });

  expect((await titles('every')).toSorted()).toEqual(ids.toSorted());
  const { rows: windows } = await site.database.postgres.query(
    `SELECT sum(count)::text AS count, sum(sum)::text AS sum FROM rule_window WHERE rule = $1`,
    [`${squad}/spend`],
  );
  expect(windows).toEqual([{ count: `${ids.length}`, sum: `${ids.length * cost}` }]);
  expect(await titles('spend')).toEqual([`${threshold + 1} charges`]);
  expect(await titles('few')).toHaveLength(most);
  const { rows: limits } = await site.database.postgres.query(
    `SELECT suppressed::text, cardinality(at) AS sent FROM rule_sent WHERE rule = $1`,
    [`${squad}/few`],
  );
  expect(limits).toEqual([{ suppressed: `${ids.length - most}`, sent: most }]);
  expect(await titles('feed.rules.broken')).toHaveLength(1);
  for (const service of [told, looking]) expect(await service.stop()).toEqual({ code: 0, signal: null });
}, 240_000);

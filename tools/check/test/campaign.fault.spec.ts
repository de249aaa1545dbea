import { squads } from '@soma/contracts';
import { connectPlatform, type Platform } from '@soma/platform';
import { platform, waitFor } from '@soma/testing';
import { Crowd, sum } from '../src/campaign/crowd.js';
import type { ReaderSpec } from '../src/campaign/readers/messages.js';
import { bySquad, readLog, wrongRows } from './campaign/audit.js';
import { faults, type Field, headOf, recovered } from './campaign/faults.js';
import { Load } from './campaign/load.js';
import { createSite, type Site } from './campaign/site.js';

const long = process.env['SOMA_CAMPAIGN'] === 'long';
/** Each has all the faults, at these parts of its time. */
const rounds = long ? 4 : 1;
const roundMs = long ? 150_000 : 120_000;
const beginAt = [0.06, 0.3, 0.45, 0.7];
const subscribers = 1_000;
const eventsPerSecond = 300;
const dropsPerSecond = 10;
const settleMs = 90_000;

/** Of ten, six read server-sent events, three WebSockets, one pages; one of the WebSockets is a named consumer. */
const readers = Array.from({ length: subscribers }, (_, index): ReaderSpec => {
  const lot = index % 10;
  const squad = squads[Math.floor(index / 10) % squads.length] ?? squads[0];
  const id = `reader-${index}`;
  if (lot < 6) return { id, squad, transport: 'sse' };
  if (lot === 9) return { id, squad, transport: 'rest' };
  return { id, squad, transport: 'websocket', consumer: lot === 6 ? id : undefined };
});

let servers: Platform;
let site: Site;
let crowd: Crowd;
let load: Load;
let began = 0;

const say = (text: string): void => {
  const seconds = began === 0 ? 0 : (performance.now() - began) / 1_000;
  process.stdout.write(`  campaign ${seconds.toFixed(1).padStart(6)} s  ${text}\n`);
};

beforeAll(async () => {
  const found = await connectPlatform(platform().home);
  if (!found) throw new Error('the campaign stops servers: it needs the local platform');
  servers = found;
  site = await createSite();
  await site.untilReady('up');
  load = new Load(site);
  crowd = new Crowd({ readers, tokens: site.tokens, replicas: site.urls(), processes: 2 });
  await waitFor(() => sum(crowd.report.open) === subscribers, {
    timeoutMs: 60_000,
    describe: 'every subscriber to be there before the first event',
  });
}, 180_000);

afterAll(async () => {
  load?.giveUp();
  await crowd?.stop();
  await servers?.up();
  await site?.drop();
}, 120_000);

const progress = (): void => {
  const { open, slowest, rows } = crowd.report;
  say(
    `${load.sent} events, ${load.acknowledged.size} acknowledged, ${rows} deliveries, ` +
      `${sum(open)} connected, slowest at ${slowest % 2 ** 40}`,
  );
};

const percentile = (sorted: readonly number[], part: number): string =>
  ((sorted[Math.floor((sorted.length - 1) * part)] ?? NaN) / 1_000).toFixed(2);

it(
  `gives ${subscribers} subscribers everything once and in order while each server fails in turn`,
  async () => {
    began = performance.now();
    const reporting = setInterval(progress, 10_000);
    const working = Promise.all([load.produce(eventsPerSecond), load.post()]);
    crowd.dropAtRandom(dropsPerSecond);
    const field: Field = { site, servers, crowd, load, readers: subscribers };
    try {
      for (let round = 0; round < rounds; round += 1) {
        for (const [index, { name, happen }] of faults.entries()) {
          const due = began + (round + (beginAt[index] ?? 1)) * roundMs;
          await waitFor(() => performance.now() >= due, { timeoutMs: roundMs, describe: name });
          say(`${name} …`);
          const from = performance.now();
          await happen(field);
          await recovered(field);
          say(
            `${name}: all have everything again ${((performance.now() - from) / 1_000).toFixed(1)} s later`,
          );
        }
      }
      await waitFor(() => performance.now() >= began + rounds * roundMs, { timeoutMs: roundMs });
    } finally {
      clearInterval(reporting);
      load.stop();
    }
    crowd.dropAtRandom(0);
    await working;
    const expected = load.acknowledged.size + load.posted.size;
    const log = await waitFor(
      async () => {
        const rows = await readLog(site);
        return rows.length >= expected ? rows : undefined;
      },
      { timeoutMs: settleMs, describe: `${expected} rows` },
    );
    // A heartbeat, or an empty page, says that nothing follows.
    const head = await headOf(site);
    await waitFor(() => crowd.report.slowest >= head, {
      timeoutMs: settleMs,
      describe: 'every subscriber to be told that it has everything',
    });
    const stored = bySquad(log);
    crowd.check(stored);
    const checked = await waitFor(() => crowd.checked, { timeoutMs: 60_000, describe: 'the checker' });

    const { rows, reconnects, gaps, silent } = crowd.report;
    const delays = checked.delaysMs.toSorted((a, b) => a - b);
    const owed = readers.reduce((all, { squad }) => all + (stored[squad]?.length ?? 0), 0);
    say(`${load.sent} events, ${load.posted.size} posts, ${log.length} rows`);
    say(`${rows} deliveries of ${owed} that were owed to ${checked.readers} subscribers`);
    say(
      `reconnects: ${reconnects.sse} SSE, ${reconnects.websocket} WebSocket, ${reconnects.rest} REST; ` +
        `gaps declared: ${gaps}; connections that fell silent: ${silent}`,
    );
    say(
      `happened → read: p50 ${percentile(delays, 0.5)} s, p99 ${percentile(delays, 0.99)} s, with the faults`,
    );
    say(`findings: ${checked.findingsInAll}`);

    expect(checked.findings).toEqual([]);
    expect(checked).toMatchObject({ readers: subscribers, findingsInAll: 0 });
    expect({ gaps, silent }).toEqual({ gaps: 0, silent: 0 });
    expect(rows).toBeGreaterThanOrEqual(owed);
    expect(load.failed).toEqual([]);
    expect(load.acknowledged.size).toBe(load.sent);
    expect(load.sent).toBeGreaterThan((eventsPerSecond * rounds * roundMs * 0.95) / 1_000);
    expect(wrongRows(log, load)).toEqual([]);
    for (const { logs } of site.processes)
      expect(logs()).not.toMatch(/"level":"fatal"|nobody (handled|caught)|Unhandled|uncaught/);
  },
  rounds * roundMs + 300_000,
);

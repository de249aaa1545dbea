import { createNotificationStore } from '@soma/notification-feed';
import { waitFor } from '@soma/testing';
import { compareRates, type Measurement } from '../../measurement.js';
import { notification } from './rows.js';
import { startReaders } from './readers.js';
import type { FeedSite } from './site.js';

const rows = 200_000;
const rounds = 3;
const squad = 'slm-execution';

const fill = async ({ postgres }: FeedSite): Promise<void> => {
  const store = createNotificationStore(postgres);
  for (let from = 0; from < rows; from += 1_000)
    await store.append(
      Array.from({ length: 1_000 }, (_, index) => ({
        origin: `bench:${from + index}`,
        notification: {
          ...notification(from + index, squad, Date.now()),
          link: null,
          dedupeKey: `nightly/${from + index}`,
          happenedAt: Date.now(),
        },
      })),
    );
};

const query = `SELECT position, origin, topic, partition, record_offset, squads, source, kind, severity, title, body, link,
  dedupe_key, metadata, happened_at, stored_at FROM notification_log WHERE squads && $1 ORDER BY position`;

/** 200,000 rows over server-sent events, against the same query with the bare driver. */
export const measureCatchUp = async (
  site: FeedSite,
  progress: (text: string) => void,
): Promise<Measurement> => {
  // It makes the schema.
  const service = await site.start();
  progress(`feed: catch-up: filling ${rows} rows`);
  await fill(site);
  const rates = { subject: [] as number[], baseline: [] as number[] };
  for (let round = 0; round <= rounds; round += 1) {
    const from = performance.now();
    const readers = startReaders({ ...service, token: site.token, squad, readers: 1, after: '0' });
    const report = await waitFor(
      async () => {
        const now = await readers.report();
        return now.received >= rows && now;
      },
      { timeoutMs: 120_000, describe: 'all rows' },
    );
    const seconds = (performance.now() - from) / 1_000;
    readers.stop();
    if (report.misplaced > 0) throw new Error(`${report.misplaced} rows came in another order`);
    const bareFrom = performance.now();
    const { rowCount } = await site.postgres.query(query, [[squad, '*']]);
    if (rowCount !== rows) throw new Error(`the bare query has ${rowCount} rows`);
    const bare = (performance.now() - bareFrom) / 1_000;
    progress(
      `feed: catch-up, round ${round}: ${Math.round(rows / seconds)} rows/s, bare ${Math.round(rows / bare)} rows/s`,
    );
    if (round === 0) continue;
    rates.subject.push(rows / seconds);
    rates.baseline.push(rows / bare);
  }
  await service.stop();
  return compareRates(rates, {
    suite: 'feed',
    scenario: `catch-up of ${rows} rows over SSE, against the same query with the bare driver`,
    metric: 'throughput',
    unit: 'rows/s',
    atLeast: 0.5,
  });
};

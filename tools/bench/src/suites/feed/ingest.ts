import { EventProducer, EventSerde, SchemaRegistry } from '@soma/kafka';
import { copyInto } from '@soma/postgres/testing';
import { createLogger } from '@soma/telemetry';
import { waitFor } from '@soma/testing';
import type { Connection } from '../../connection.js';
import { compareRates, type Measurement } from '../../measurement.js';
import { event } from './rows.js';
import type { FeedSite } from './site.js';

const events = 60_000;
const rounds = 3;
const perSend = 500;

const fill = async (connection: Connection, site: FeedSite, from: number): Promise<void> => {
  const logger = createLogger({ service: 'bench', level: 'silent' });
  const serde = new EventSerde(new SchemaRegistry(connection.registry), site.kafka.topicPrefix);
  const producer = new EventProducer(site.kafka, { service: 'bench', serde, logger });
  for (let sent = 0; sent < events; sent += perSend)
    await Promise.all(
      Array.from({ length: perSend }, (_, index) =>
        producer.send('infra.notifications', event(from + sent + index, 'infra-ops', Date.now())),
      ),
    );
  await producer.close();
};

interface Written {
  readonly count: string;
  readonly seconds: string | null;
}

/** Rows behind a position, and the seconds from the first to the last of them. */
const written = async (
  { postgres }: FeedSite,
  after: string,
): Promise<{ count: number; seconds: number }> => {
  const { rows } = await postgres.query<Written>(
    `SELECT count(*), extract(epoch FROM max(stored_at) - min(stored_at)) AS seconds
       FROM notification_log WHERE position > $1`,
    [after],
  );
  return { count: Number(rows[0]?.count), seconds: Number(rows[0]?.seconds ?? 0) };
};

const columns = `position, origin, topic, partition, record_offset, squads, source, kind, severity, title, body, link,
  dedupe_key, metadata, happened_at, stored_at`;

/** The rows as lines of COPY's text format. */
const lines = async ({ postgres }: FeedSite, after: string): Promise<string[]> => {
  const escaped = columns
    .split(',')
    .map(
      (column) => `coalesce(replace(replace((${column.trim()})::text, '\\', '\\\\'), E'\\n', '\\n'), '\\N')`,
    );
  const { rows } = await postgres.query<{ line: string }>(
    `SELECT concat_ws(E'\\t', ${escaped.join(', ')}) || E'\\n' AS line FROM notification_log WHERE position > $1 ORDER BY position`,
    [after],
  );
  return rows.map(({ line }) => line);
};

/** Seconds of a COPY of the same rows into a table of the same shape, with the same primary key. */
const copied = async (site: FeedSite, rows: readonly string[]): Promise<number> => {
  await site.postgres.query(`CREATE TABLE copied (LIKE notification_log INCLUDING ALL)`);
  const from = performance.now();
  await copyInto(site.databaseUrl, `copied (${columns})`, rows);
  const seconds = (performance.now() - from) / 1_000;
  await site.postgres.query('DROP TABLE copied');
  return seconds;
};

/** Kafka → rows by the service as it runs, against a bare COPY of the rows that it wrote. */
export const measureIngest = async (
  connection: Connection,
  site: FeedSite,
  progress: (text: string) => void,
): Promise<Measurement> => {
  const rates = { subject: [] as number[], baseline: [] as number[] };
  for (let round = 0; round <= rounds; round += 1) {
    progress(`feed: ingest, round ${round}: ${events} events`);
    await fill(connection, site, round * events);
    const head = round === 0 ? '0' : await headOf(site);
    const service = await site.start();
    const { seconds } = await waitFor(
      async () => {
        const now = await written(site, head);
        return now.count >= events && now;
      },
      { timeoutMs: 120_000, describe: 'the rows' },
    );
    await service.stop();
    const copy = await copied(site, await lines(site, head));
    progress(
      `feed: ingest: ${Math.round(events / seconds)} rows/s, COPY ${Math.round(events / copy)} rows/s`,
    );
    // Round 0 warms up, and makes the schema.
    if (round === 0) continue;
    rates.subject.push(events / seconds);
    rates.baseline.push(events / copy);
  }
  return compareRates(rates, {
    suite: 'feed',
    scenario: 'Kafka → rows, against a COPY of the same rows',
    metric: 'throughput',
    unit: 'rows/s',
    atLeast: 0.5,
  });
};

const headOf = async ({ postgres }: FeedSite): Promise<string> =>
  (await postgres.query<{ head: string }>('SELECT head FROM feed')).rows[0]?.head ?? '0';

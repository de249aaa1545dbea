import type { Platform } from '@soma/platform';
import { waitFor } from '@soma/testing';
import { type Crowd, sum } from '../../src/campaign/crowd.js';
import type { Load } from './load.js';
import type { Site } from './site.js';

const recoveryMs = 90_000;
const broker = 'kafka-2';

/** What a fault acts upon. */
export interface Field {
  readonly site: Site;
  readonly servers: Platform;
  readonly crowd: Crowd;
  readonly load: Load;
  readonly readers: number;
}

/** Something that goes wrong, and the condition under which it may be repaired: no fault lasts a fixed time. */
export interface Fault {
  readonly name: string;
  readonly happen: (field: Field) => Promise<void>;
}

const until = (describe: string, condition: () => boolean | Promise<boolean>): Promise<true> =>
  waitFor(condition, { timeoutMs: recoveryMs, describe });

/** Position of the last row. */
export const headOf = async ({ postgres }: Site): Promise<number> => {
  const { rows } = await postgres.query<{ head: string }>('SELECT head FROM feed');
  return Number(rows[0]?.head);
};

/** Both replicas are up, Kafka's events become rows again, and every reader has seen these. */
export const recovered = async ({ site, crowd }: Field): Promise<void> => {
  await site.untilReady('up');
  const before = await headOf(site);
  await until('rows to be written again', async () => (await headOf(site)) > before);
  const head = await headOf(site);
  await until('every reader to have what is stored', () => crowd.report.slowest >= head);
};

export const faults: readonly Fault[] = [
  {
    name: 'a replica is killed',
    happen: async ({ site, crowd, readers }) => {
      const [victim] = site.replicas;
      victim?.kill('SIGKILL');
      await victim?.exited;
      await until(
        'its readers to be at the other one',
        () => (crowd.report.openAt[1] ?? 0) >= readers * 0.95,
      );
      await site.restart(0);
      crowd.moveTo(site.urls());
      await until('readers to come to it', () => (crowd.report.openAt[0] ?? 0) > 0);
    },
  },
  {
    name: 'Redis restarts',
    happen: async ({ site, servers, crowd }) => {
      await servers.stop('redis');
      await site.untilReady('degraded', 'redis');
      const { rows } = crowd.report;
      await until('rows to arrive without it', () => crowd.report.rows > rows);
      await servers.start('redis');
    },
  },
  {
    name: 'PostgreSQL restarts',
    happen: async ({ site, servers, crowd }) => {
      await servers.stop('postgres');
      await site.untilReady('down', 'postgres');
      await until('replicas that are cut off to send their readers away', () => sum(crowd.report.open) === 0);
      await servers.start('postgres');
    },
  },
  {
    name: 'a broker is killed',
    happen: async ({ site, servers, load }) => {
      await servers.kill(broker);
      const [sent, head] = [load.sent, await headOf(site)];
      await until('events to be acknowledged without it', () => load.acknowledged.size >= sent);
      await until('rows to be written without it', async () => (await headOf(site)) > head);
      await servers.start(broker);
    },
  },
];

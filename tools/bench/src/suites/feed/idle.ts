import { httpJson, type SpawnedService, waitFor } from '@soma/testing';
import type { Measurement } from '../../measurement.js';
import { startReaders } from './readers.js';
import type { FeedSite } from './site.js';

const connections = 10_000;
const limitKb = 25;

const rss = async ({ url }: SpawnedService): Promise<number> => {
  const page = (await httpJson(`${url}/metrics`)).body as string;
  return Number(/^process_resident_memory_bytes\S* (\S+)$/m.exec(page)?.[1]);
};

/** What an idle stream costs the service. */
export const measureIdle = async (site: FeedSite, progress: (text: string) => void): Promise<Measurement> => {
  const service = await site.start();
  const before = await rss(service);
  const order = { ...service, token: site.token, squad: 'memory-constitution', readers: connections };
  const readers = startReaders(order);
  await waitFor(async () => (await readers.report()).open === connections, {
    timeoutMs: 120_000,

    describe: `${connections} streams`,
  });
  const after = await rss(service);
  readers.stop();
  await service.stop();
  const kb = Number(((after - before) / connections / 1_000).toFixed(1));
  progress(`feed: ${connections} idle streams: ${kb} kB each`);
  return {
    suite: 'feed',
    scenario: `${connections} idle streams`,
    metric: 'memory of the service for each',
    value: kb,
    unit: 'kB',
    baseline: limitKb,
    ratio: Number((kb / limitKb).toFixed(3)),
    aim: `≤ ${limitKb} kB`,
    holds: kb <= limitKb,
  };
};

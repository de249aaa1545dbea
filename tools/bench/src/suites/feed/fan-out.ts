import { httpJson, type SpawnedService, waitFor } from '@soma/testing';
import type { Measurement } from '../../measurement.js';
import { startReaders } from './readers.js';
import { notification } from './rows.js';
import type { FeedSite } from './site.js';

const squad = 'ui-experience';
const seconds = 20;

/** Readers of one squad, notifications a second, and the p99 that is aimed at: that of a Mercure hub with its Bolt log. */
const scenarios = [
  { readers: 1_000, rate: 50, aimMs: 25, hubMs: 22 },
  { readers: 1_000, rate: 100, aimMs: 75, hubMs: 73 },
  { readers: 170, rate: 200, aimMs: 6, hubMs: 5.8 },
] as const;

let number = 0;

/** Posts at a steady rate, whatever the answers take; resolves when all are answered. */
const post = async (service: SpawnedService, token: string, rate: number, count: number): Promise<void> => {
  const began = performance.now();
  const pending: Promise<void>[] = [];
  for (let sent = 0; sent < count;) {
    const due = Math.min(count, Math.floor(((performance.now() - began) / 1_000) * rate) + 1);
    for (; sent < due; sent += 1) {
      const body = notification((number += 1), squad, Date.now());
      pending.push(
        httpJson(`${service.url}/v1/notifications`, { token, body }).then(({ status }) => {
          if (status !== 201) throw new Error(`a post was answered with ${status}`);
        }),
      );
    }
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  await Promise.all(pending);
};

/** Published → received over server-sent events, the load on the same machine. */
export const measureFanOut = async (
  site: FeedSite,
  progress: (text: string) => void,
): Promise<Measurement[]> => {
  const service = await site.start();
  const measured: Measurement[] = [];
  for (const { readers: count, rate, aimMs, hubMs } of scenarios) {
    const readers = startReaders({ ...service, token: site.token, squad, readers: count });
    await waitFor(async () => (await readers.report()).open === count, {
      timeoutMs: 60_000,
      describe: `${count} streams`,
    });
    const warmUp = rate * 3;
    await post(service, site.token, rate, warmUp);
    await waitFor(async () => (await readers.report()).received === warmUp * count, { timeoutMs: 60_000 });
    const posted = rate * seconds;
    readers.begin();
    await post(service, site.token, rate, posted);
    const last = await waitFor(
      async () => {
        const report = await readers.report();
        return report.received >= (warmUp + posted) * count && report;
      },
      { timeoutMs: 60_000, describe: 'all notifications at all readers' },
    );
    const { p50, p99 } = await readers.latency();
    readers.stop();
    if (last.misplaced > 0) throw new Error(`${last.misplaced} notifications were out of order`);
    progress(`feed: fan-out ${count} × ${rate}/s: p50 ${p50} ms, p99 ${p99} ms`);
    measured.push({
      suite: 'feed',
      scenario: `${count} readers of one squad, ${rate} notifications/s, in order, none missing`,
      metric: 'p99, published → received',
      value: p99,
      unit: 'ms',
      baseline: hubMs,
      ratio: Number((p99 / hubMs).toFixed(3)),
      aim: `≤ ${aimMs} ms`,
      holds: p99 <= aimMs,
    });
  }
  await service.stop();
  return measured;
};

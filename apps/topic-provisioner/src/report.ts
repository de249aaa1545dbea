import type { EventProducer } from '@soma/kafka';
import type { Logger } from '@soma/telemetry';
import { channel, driftNotification } from './core/drift-notification.js';
import type { DriftLog } from './ports.js';

/** How long one notification may wait for its acknowledgement: the next round tries again. */
const deadlineMs = 10_000;

/**
 * Tells what has not been told: sent first, marked after, so that a crash in between repeats a notification (under the
 * same `dedupe_key` and event id) and loses none. What cannot be sent now stays untold.
 */
export const reportDrift = async (
  log: DriftLog,
  producer: EventProducer,
  clusterId: string,
  logger: Logger,
): Promise<void> => {
  const untold = await log.untold(clusterId);
  if (untold.length === 0) return;
  await log.trying(untold);
  const sent = await Promise.allSettled(
    untold.map((drift) => {
      const notification = driftNotification(drift, clusterId);
      return producer.send(channel, notification, { id: notification.dedupe_key, deadlineMs });
    }),
  );
  await log.told(untold.filter((_, index) => sent[index]?.status === 'fulfilled'));
  const failures = sent.filter((result) => result.status === 'rejected');
  if (failures.length > 0) {
    const fields = { err: failures[0]?.reason as unknown, failed: failures.length, of: untold.length };
    logger.warn(fields, `drift could not be told on ${channel}; the next round tries again`);
  }
};

import type { Redis } from '@soma/redis';
import type { Logger } from '@soma/telemetry';
import type { WakeUp } from '../ports.js';

const channel = 'wake';

/** Wakes the streams of every replica through Redis. */
export const createRedisWakeUp = async (redis: Redis, logger: Logger): Promise<WakeUp> => {
  const listeners = new Set<() => void>();
  await redis.subscribe(channel, () => {
    for (const listener of listeners) listener();
  });
  return {
    announce: async () => {
      try {
        await redis.publish(channel, '');
      } catch (error) {
        // The rows are stored: without the wake-up the streams find them at their next look.
        logger.warn({ err: error }, 'no wake-up: Redis does not answer');
      }
    },
    onWake: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
};

import type { Logger } from '@soma/telemetry';
import { type Cursor, parseCursor } from './core/cursor.js';
import type { ConsumerStore } from './ports.js';

/**
 * Remembers what a named consumer acknowledges: one statement at a time, for the newest cursor. What is lost with the
 * replica is delivered again, which is what acknowledging means.
 */
export const acknowledge = (
  store: ConsumerStore,
  { squad, name, epoch, logger }: { squad: string; name: string; epoch: string; logger: Logger },
) => {
  let newest: Cursor | undefined;
  let writing = false;
  const write = async (): Promise<void> => {
    if (writing) return;
    writing = true;
    try {
      while (newest) {
        const { position } = newest;
        newest = undefined;
        await store.acknowledge(squad, name, { epoch, position });
      }
    } catch (error) {
      logger.warn({ err: error, squad, consumer: name }, 'an acknowledgement was not stored');
    } finally {
      writing = false;
    }
  };
  return (cursor: string): void => {
    newest = parseCursor(cursor);
    void write();
  };
};

import { reasonOf } from './errors.js';
import type { KafkaOperations } from './servers/server.js';
import { openPlatform } from './start-platform.js';

/**
 * Runs in a process of its own: owns the platform at `SOMA_HOME`, starts it at once and lives until it is taken down.
 * Resolves to the exit code. Its output is the supervisor's log.
 */
export const supervise = async (options: { readonly kafka: KafkaOperations }): Promise<number> => {
  const log = (text: string): void => console.log(`${new Date().toISOString()} ${text}`);
  const platform = await openPlatform(options, 'supervisor');
  log(`process ${process.pid} owns ${platform.home}`);
  for (const name of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
    process.on(name, () => {
      log(`got ${name}, stopping`);
      void platform.down();
    });
  }
  try {
    await platform.up(({ step, state, ms, detail }) =>
      log(`${step} ${state} ${ms} ms ${detail ?? ''}`.trim()),
    );
    log('everything is healthy');
    await platform.closed;
    log('stopped');
    return 0;
  } catch (error) {
    log(`could not start: ${reasonOf(error)}`);
    await platform.down();
    return 1;
  }
};

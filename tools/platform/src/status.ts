import type { ServerName } from './names.js';

/** What somebody else runs in place of our servers. */
export type ExternalName = 'kafka' | 'registry' | 'postgres' | 'redis';

/** One server as it is now. */
export interface ServerStatus {
  readonly name: ServerName | ExternalName;
  readonly state: 'running' | 'starting' | 'stopping' | 'stopped' | 'exited' | 'paused' | 'external';
  /** How it ended, for `exited`: an exit code or a signal. */
  readonly exit?: string;
  readonly pid?: number;
  /** Ports by listener; empty for an external server. */
  readonly ports: Readonly<Record<string, number>>;
  /** Whether it answered as it should when asked for this status. */
  readonly healthy: boolean;
  /** Why it is not healthy, or where an external server is. */
  readonly detail?: string;
  readonly rssBytes?: number;
  readonly uptimeMs?: number;
  readonly log?: string;
}

/** A step of a start or a stop. `ms` counts from the step's own beginning; `skipped` means there was nothing to do. */
export interface Progress {
  readonly step: ServerStatus['name'] | 'leftovers' | 'software' | 'downloads';
  readonly state: 'started' | 'note' | 'done' | 'skipped' | 'failed';
  readonly ms: number;
  readonly detail?: string;
}

export type OnProgress = (progress: Progress) => void;

/** Reports the beginning and the end of a step around `work`, which may answer a detail. */
export const timed = async (
  step: Progress['step'],
  onProgress: OnProgress,
  work: () => Promise<string | void>,
): Promise<void> => {
  const from = performance.now();
  const report = (state: Progress['state'], detail?: string | void): void =>
    onProgress({ step, state, ms: Math.round(performance.now() - from), ...(detail && { detail }) });
  report('started');
  try {
    report('done', await work());
  } catch (error) {
    report('failed', error instanceof Error ? error.message : String(error));
    throw error;
  }
};

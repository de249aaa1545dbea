/** Where the service is in its life. */
export type Phase = 'starting' | 'ready' | 'stopping';

/** What the last check of a dependency found. */
export interface Dependency {
  readonly name: string;
  readonly status: 'up' | 'down';
  readonly critical: boolean;
  /** Why it is down. */
  readonly error?: string;
  /** ISO time of the check that first found it in this status. */
  readonly since: string;
  /** How long the check took, in milliseconds. */
  readonly latency_ms: number;
}

/** Answer of `/health/ready`. */
export interface Readiness {
  /** `up` and `degraded` take requests; the others do not. */
  readonly status: 'up' | 'degraded' | 'down' | 'starting' | 'stopping';
  readonly dependencies: readonly Dependency[];
}

/** Decides what the service is from its phase and its dependencies. */
export function readiness(phase: Phase, dependencies: readonly Dependency[]): Readiness {
  if (phase !== 'ready') return { status: phase, dependencies };
  const down = dependencies.filter(({ status }) => status === 'down');
  if (down.some(({ critical }) => critical)) return { status: 'down', dependencies };
  return { status: down.length > 0 ? 'degraded' : 'up', dependencies };
}

/** True if the service takes requests. */
export const isReady = ({ status }: Readiness): boolean => status === 'up' || status === 'degraded';

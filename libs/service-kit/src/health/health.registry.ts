import { Injectable } from '@nestjs/common';
import { gauge } from '@soma/telemetry';
import { type Dependency, type Phase, type Readiness, readiness } from './readiness.js';
import { Watch } from './watch.js';

/** A report is at most this old when it is given out. */
const freshMs = 1_000;

/** Something the service cannot do its work without. */
export interface HealthCheck {
  /** Name that operators know it by: `postgres`, `kafka`. */
  readonly name: string;
  /** Resolves if the dependency answers; rejects with the reason if it does not. Counts as down after two seconds. */
  check(): Promise<void>;
  /** False for a dependency whose loss the service survives: it is reported, and the service stays ready. */
  readonly critical?: boolean;
}

/** Knows the dependencies of the service and tells whether it is ready. */
@Injectable()
export class HealthRegistry {
  private readonly watches = new Map<string, Watch>();
  private phase: Phase = 'starting';
  private cached: { at: number; dependencies: Promise<readonly Dependency[]> } | undefined;

  private readonly up = gauge({
    name: 'dependency_up',
    help: '1 if the dependency answered its last check, 0 if not',
    labelNames: ['name'],
  });

  /** @throws Error if a dependency of that name is registered already. */
  register(check: HealthCheck): void {
    if (this.watches.has(check.name)) throw new Error(`health check ${check.name} is registered twice`);
    this.watches.set(check.name, new Watch(check));
    this.cached = undefined;
  }

  /** The service has started (`ready`) or begins to stop (`stopping`). */
  enter(phase: Phase): void {
    this.phase = phase;
  }

  /** Asks all dependencies at once, unless that was done within the last second. */
  async report(): Promise<Readiness> {
    const now = performance.now();
    if (!this.cached || now - this.cached.at > freshMs)
      this.cached = { at: now, dependencies: this.askAll() };
    return readiness(this.phase, await this.cached.dependencies);
  }

  private async askAll(): Promise<readonly Dependency[]> {
    const dependencies = await Promise.all([...this.watches.values()].map((watch) => watch.ask()));
    for (const { name, status } of dependencies) this.up.set({ name }, status === 'up' ? 1 : 0);
    return dependencies;
  }
}

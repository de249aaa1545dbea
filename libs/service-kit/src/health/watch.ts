import { maskUrls } from '@soma/telemetry';
import type { HealthCheck } from './health.registry.js';
import type { Dependency } from './readiness.js';

/** A dependency that takes longer to answer is down for its users. */
const limitMs = 2_000;

/** Asks one dependency, never twice at the same time, and remembers since when it is as it is. */
export class Watch {
  private running: Promise<string | undefined> | undefined;
  private last: Dependency | undefined;

  constructor(private readonly checked: HealthCheck) {}

  async ask(): Promise<Dependency> {
    const start = performance.now();
    const error = await this.withinLimit();
    const status = error === undefined ? 'up' : 'down';
    const since = this.last?.status === status ? this.last.since : new Date().toISOString();
    const latency = Math.round(performance.now() - start);
    const { name, critical = true } = this.checked;
    this.last = { name, status, critical, ...(error !== undefined && { error }), since, latency_ms: latency };
    return this.last;
  }

  private async withinLimit(): Promise<string | undefined> {
    // A check that hangs is not started again on top of itself.
    this.running ??= this.run().finally(() => (this.running = undefined));
    const limit = Promise.withResolvers<string>();
    const timer = setTimeout(() => {
      limit.resolve(`no answer within ${limitMs} ms`);
    }, limitMs);
    try {
      return await Promise.race([this.running, limit.promise]);
    } finally {
      clearTimeout(timer);
    }
  }

  private async run(): Promise<string | undefined> {
    try {
      await this.checked.check();
      return undefined;
    } catch (error) {
      return maskUrls(reason(error));
    }
  }
}

/** The message of an error; that of an AggregateError (as a refused connection gives) is empty, so its parts'. */
function reason(error: unknown): string {
  if (error instanceof AggregateError && !error.message) return error.errors.map(reason).join('; ');
  return (error instanceof Error && (error.message || error.name)) || String(error);
}

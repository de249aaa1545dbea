import { Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { LOGGER, ShutdownRegistry } from '@soma/service-kit';
import type { Logger } from '@soma/telemetry';
import type { PostgresConfig } from '@soma/postgres';
import { provisionerService } from './core/desired.js';
import { lead } from './lead.js';
import { reconcilerMetrics, showNothing } from './metrics.js';
import { Provisioner } from './provisioner.js';
import type { Reconciler } from './reconciler.js';
import { POSTGRES_CONFIG, RECONCILER, STOPPING } from './tokens.js';

/** Lets one replica of the service lead at a time, and its reconciler work meanwhile. */
@Injectable()
export class Reconciliation implements OnApplicationBootstrap {
  readonly #metrics = reconcilerMetrics();
  #candidacy: Promise<void> | undefined;

  constructor(
    @Inject(Provisioner) private readonly provisioner: Provisioner,
    @Inject(RECONCILER) private readonly reconciler: Reconciler,
    @Inject(POSTGRES_CONFIG) private readonly postgres: PostgresConfig,
    @Inject(STOPPING) private readonly stopping: AbortController,
    @Inject(LOGGER) private readonly logger: Logger,
    @Inject(ShutdownRegistry) shutdown: ShutdownRegistry,
  ) {
    shutdown.onShutdown(() => this.stop());
  }

  onApplicationBootstrap(): void {
    this.#metrics.leader.set(0);
    // One leader of each cluster: services of two clusters may share a database.
    const nameOf = async (): Promise<string> =>
      `${provisionerService} leader ${(await this.provisioner.describe()).clusterId}`;
    this.#candidacy = lead(nameOf, (leading) => this.reconciler.work(leading), {
      postgres: this.postgres,
      applicationName: `${provisionerService} leader`,
      stop: this.stopping.signal,
      logger: this.logger,
      onLeading: (leads) => {
        this.#metrics.leader.set(leads ? 1 : 0);
        if (!leads) showNothing(this.#metrics);
      },
    });
  }

  /** Resolves when nothing is under way any more and the lock is given back. Safe to call twice. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await this.#candidacy;
  }
}

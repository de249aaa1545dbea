import type { Catalogue } from '@soma/contracts';
import {
  type ClusterAdmin,
  createAdmin,
  type KafkaSettings,
  type RegistrySettings,
  SchemaRegistry,
} from '@soma/kafka';
import { desiredState } from './core/desired.js';
import { plan, topicsToWeigh } from './core/plan.js';
import type { Actual, Change, Desired, Plan } from './core/types.js';
import { observe, weigh } from './observe.js';
import type { Request } from './ports.js';

export interface ProvisionerOptions {
  readonly kafka: KafkaSettings;
  readonly registry: RegistrySettings;
  readonly catalogue: Catalogue;
  /** Name of the overlay: local, staging, prod. */
  readonly environment: string;
}

export class UnknownEnvironmentError extends Error {
  override readonly name = 'UnknownEnvironmentError';
  readonly code = 'UNKNOWN_ENVIRONMENT';
}

/** Plans and verifies a catalogue against one cluster and one registry; changes nothing. */
export class Provisioner {
  readonly desired: Desired;
  readonly environment: string;
  readonly admin: ClusterAdmin;
  readonly registry: SchemaRegistry;

  /** Throws `UnknownEnvironmentError` when the catalogue has no such overlay. */
  constructor({ kafka, registry, catalogue, environment }: ProvisionerOptions) {
    const desired = desiredState(catalogue, { environment, prefix: kafka.topicPrefix });
    if (!desired) {
      const known = Object.keys(catalogue.overlays).join(', ');
      throw new UnknownEnvironmentError(
        `there is no environment "${environment}"; schemas/environments has ${known}`,
      );
    }
    this.desired = desired;
    this.environment = environment;
    this.admin = createAdmin(kafka, 'topic-provisioner');
    this.registry = new SchemaRegistry(registry);
  }

  describe() {
    return this.admin.describeCluster();
  }

  /** The state of what the catalogue and `deletions` name. */
  observe(deletions: readonly string[] = []): Promise<Actual> {
    return observe(this.admin, this.registry, this.desired, { named: deletions });
  }

  /**
   * The differences as they are now. Topics that a change touches are weighed, and judged by what they hold; when nothing
   * but creations and safe changes is to be done, nobody looks into a topic.
   */
  async plan({ deletions = [], force = false }: Pick<Request, 'deletions' | 'force'> = {}): Promise<Plan> {
    return (await this.#planned(deletions, force)).plan;
  }

  /** What stands on the servers, and every way in which it differs from the catalogue. */
  async verify(): Promise<{ desired: Desired; actual: Actual; changes: readonly Change[] }> {
    const { actual, plan: made } = await this.#planned([], false);
    return { desired: this.desired, actual, changes: made.changes };
  }

  /** Throws when no broker answers. */
  async kafkaHealth(): Promise<void> {
    await this.admin.describeCluster();
  }

  /** Throws when the registry does not answer. */
  registryHealth(): Promise<void> {
    return this.registry.health();
  }

  close(): Promise<void> {
    return this.admin.close();
  }

  async #planned(deletions: readonly string[], force: boolean): Promise<{ actual: Actual; plan: Plan }> {
    const options = { deletions, force, now: Date.now() };
    const seen = await this.observe(deletions);
    const first = plan(this.desired, seen, options);
    const touched = topicsToWeigh(first).filter((name) => seen.names.has(name));
    if (touched.length === 0) return { actual: seen, plan: first };
    const actual = { ...seen, data: await weigh(this.admin, touched) };
    return { actual, plan: plan(this.desired, actual, options) };
  }
}

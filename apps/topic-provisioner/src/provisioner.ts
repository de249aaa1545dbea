import type { Catalogue } from '@soma/contracts';
import { createAdmin, type KafkaSettings, type RegistrySettings, SchemaRegistry } from '@soma/kafka';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Applied, applyChanges } from './apply.js';
import { desiredState } from './core/desired.js';
import { applicable, blockers, plan } from './core/plan.js';
import type { Actual, Change, Desired, Plan } from './core/types.js';
import { observe } from './observe.js';

/** How long an apply waits for the brokers to show what they have accepted: metadata follows the controller. */
const visibleWithinMs = 10_000;
const lookAgainMs = 100;

const nameOf = ({ resource, field }: Change): string => `${resource} ${field}`;

/** A change that the servers should show soon: accepted, or refused because another apply was faster. */
const isUnderWay = ({ outcome }: Applied): boolean => outcome.ok || outcome.error === 'TOPIC_ALREADY_EXISTS';

export interface ProvisionerOptions {
  readonly kafka: KafkaSettings;
  readonly registry: RegistrySettings;
  readonly catalogue: Catalogue;
  /** Name of the overlay: local, staging, prod. */
  readonly environment: string;
}

/** What an apply did: `blocked` when incompatible schemas stopped it before its first mutation. */
export interface ApplyReport {
  readonly plan: Plan;
  readonly blocked: readonly Change[];
  readonly applied: readonly Applied[];
  /** Changes that were neither applied nor allowed. */
  readonly left: readonly Change[];
}

export class UnknownEnvironmentError extends Error {
  override readonly name = 'UnknownEnvironmentError';
  readonly code = 'UNKNOWN_ENVIRONMENT';
}

/** Plans, applies and verifies a catalogue against one cluster and one registry. */
export class Provisioner {
  readonly desired: Desired;
  readonly #admin;
  readonly #registry;

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
    this.#admin = createAdmin(kafka, 'topic-provisioner');
    this.#registry = new SchemaRegistry(registry);
  }

  observe(): Promise<Actual> {
    return observe(this.#admin, this.#registry, this.desired);
  }

  /** The differences as they are now; changes nothing. */
  async plan(): Promise<Plan> {
    return plan(this.desired, await this.observe());
  }

  /** What stands on the servers, and every way in which it differs from the catalogue. */
  async verify(): Promise<{ desired: Desired; actual: Actual; changes: readonly Change[] }> {
    const actual = await this.observe();
    return { desired: this.desired, actual, changes: plan(this.desired, actual).changes };
  }

  /** Applies what is allowed; safe to run again. */
  async apply({ allowUnsafe = false } = {}): Promise<ApplyReport> {
    const current = await this.plan();
    const blocked = blockers(current);
    if (blocked.length > 0) return { plan: current, blocked, applied: [], left: current.changes };
    const allowed = applicable(current, allowUnsafe);
    const applied = await this.#settle(await applyChanges(this.#admin, this.#registry, allowed));
    return {
      plan: current,
      blocked,
      applied,
      left: current.changes.filter((change) => !allowed.includes(change)),
    };
  }

  /**
   * Waits until the servers show what they have accepted, so that whoever looks next sees it. A change that was
   * refused and is no longer needed was made by somebody else at the same time: that is as good.
   */
  async #settle(applied: readonly Applied[]): Promise<readonly Applied[]> {
    if (applied.length === 0) return applied;
    const end = performance.now() + visibleWithinMs;
    for (;;) {
      const open = new Set((await this.plan()).changes.map(nameOf));
      const waiting = applied.filter(({ change }) => open.has(nameOf(change)));
      if (!waiting.some(isUnderWay) || performance.now() > end) {
        return applied.map((one) => (waiting.includes(one) ? one : { ...one, outcome: { ok: true } }));
      }
      await sleep(lookAgainMs);
    }
  }

  /** Throws when no broker answers. */
  async kafkaHealth(): Promise<void> {
    await this.#admin.describeCluster();
  }

  /** Throws when the registry does not answer. */
  registryHealth(): Promise<void> {
    return this.#registry.health();
  }

  close(): Promise<void> {
    return this.#admin.close();
  }
}

import { setTimeout as sleep } from 'node:timers/promises';
import type { EventProducer } from '@soma/kafka';
import type { Logger } from '@soma/telemetry';
import { type Applier, StalePlan } from './apply.js';
import { provisionerService } from './core/desired.js';
import { driftNews } from './core/drift.js';
import { fingerprint } from './core/fingerprint.js';
import { channelStands } from './core/drift-notification.js';
import { select } from './core/select.js';
import type { Plan } from './core/types.js';
import { type ReconcilerMetrics, showDrift } from './metrics.js';
import type { Applied, DriftLog } from './ports.js';
import type { Provisioner } from './provisioner.js';
import { reportDrift } from './report.js';
import { requestCounts, requestsBetween } from './request-counts.js';

/** A round that failed is repeated after this, or after the interval if that is shorter. */
const afterFailureMs = 5_000;

/** What the leader reverts by itself: nothing, or what loses nothing (the classes `create` and `safe`). */
export const revertModes = ['none', 'safe'] as const;

export interface ReconcilerParts {
  readonly provisioner: Provisioner;
  readonly applier: Applier;
  readonly drift: DriftLog;
  readonly producer: EventProducer;
  readonly metrics: ReconcilerMetrics;
  readonly logger: Logger;
  readonly topicPrefix: string;
  readonly intervalMs: number;
  readonly revert: (typeof revertModes)[number];
}

const someRefused = (applied: readonly Applied[]): boolean => applied.some(({ outcome }) => !outcome.ok);

/** What the leader does, round by round: finish what was interrupted, plan, record and tell drift, revert, show lag. */
export class Reconciler {
  /** The plan that the servers refused a part of: the same one is not tried, and recorded, again every round. */
  #refused: string | undefined;

  constructor(private readonly parts: ReconcilerParts) {}

  /** Goes round until the signal aborts; a round that fails is told in the log and in the metrics. */
  async work(leading: AbortSignal): Promise<void> {
    const { intervalMs, logger, metrics } = this.parts;
    while (!leading.aborted) {
      let pauseMs = intervalMs;
      try {
        await this.#round(leading);
      } catch (error) {
        if (leading.aborted) return;
        metrics.plans.inc({ outcome: 'failed' });
        logger.warn({ err: error }, 'a round of the reconciler failed');
        pauseMs = Math.min(intervalMs, afterFailureMs);
      }
      await sleep(pauseMs, undefined, { signal: leading }).catch(() => undefined);
    }
  }

  async #round(leading: AbortSignal): Promise<void> {
    const { applier, revert } = this.parts;
    // Also when this replica did not just become the leader: another one may have died in an apply of its own.
    await applier.resume({ by: provisionerService, stop: leading });
    const plan = await this.#look(leading);
    if (revert === 'safe' && (await this.#revert(plan, leading))) await this.#look(leading);
    leading.throwIfAborted();
    await this.#showLag(leading);
  }

  /** Plans, and records and tells what is new. */
  async #look(leading: AbortSignal): Promise<Plan> {
    leading.throwIfAborted();
    const { drift, producer, metrics, logger, topicPrefix } = this.parts;
    const plan = await this.#plan();
    leading.throwIfAborted();
    showDrift(metrics, plan.changes);
    const news = driftNews(await drift.open(plan.clusterId), plan.changes);
    await drift.record(plan.clusterId, news);
    const { appeared, changed, resolved } = news;
    if (appeared.length + changed.length + resolved.length > 0) {
      const counts = { appeared: appeared.length, changed: changed.length, resolved: resolved.length };
      logger.info(counts, 'the drift is another');
    }
    leading.throwIfAborted();
    if (channelStands(plan.changes, topicPrefix)) {
      await reportDrift(drift, producer, plan.clusterId, logger);
    }
    return plan;
  }

  async #plan(): Promise<Plan> {
    const { provisioner, metrics } = this.parts;
    const [before, end] = [requestCounts(provisioner), metrics.planSeconds.startTimer()];
    const plan = await provisioner.plan();
    end();
    metrics.requests.reset();
    for (const [api, count] of requestsBetween(before, requestCounts(provisioner))) {
      metrics.requests.set({ api }, count);
    }
    metrics.plans.inc({ outcome: plan.changes.length === 0 ? 'clean' : 'drift' });
    return plan;
  }

  /** Reverts exactly what was recorded a moment ago; answers whether anything was to be done. */
  async #revert(plan: Plan, leading: AbortSignal): Promise<boolean> {
    const { chosen, blockers } = select(plan, {});
    if (chosen.length === 0 || blockers.length > 0 || fingerprint(plan) === this.#refused) return false;
    leading.throwIfAborted();
    const { applier, logger } = this.parts;
    try {
      const by = `${provisionerService} (PROVISIONER_REVERT)`;
      const { id, applied } = await applier.apply({ request: {}, expected: plan, by, stop: leading });
      this.#refused = someRefused(applied) ? fingerprint(plan) : undefined;
      const words =
        this.#refused === undefined ? 'drift reverted' : 'drift reverted as far as the servers let';
      logger.info({ plan: id, changes: applied.length }, words);
    } catch (error) {
      // Somebody else was at work in between: the next look sees what is left.
      if (!(error instanceof StalePlan)) throw error;
    }
    return true;
  }

  /** Groups that have gone vanish from the metrics, too. */
  async #showLag(leading: AbortSignal): Promise<void> {
    const { provisioner, metrics } = this.parts;
    const groups = await provisioner.admin.topicGroups(provisioner.desired.topics.map(({ name }) => name));
    leading.throwIfAborted();
    metrics.lag.reset();
    metrics.members.reset();
    for (const { group, topic, lag, members } of groups) {
      metrics.lag.set({ group, topic }, Number(lag));
      metrics.members.set({ group, topic }, members);
    }
  }
}

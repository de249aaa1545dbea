import { setTimeout as sleep } from 'node:timers/promises';
import { carryOut, type CarryOutOptions } from './carry-out.js';
import type { ChangeOf } from './core/batches.js';
import { moved } from './core/fingerprint.js';
import { scopeOf } from './core/scope.js';
import { select } from './core/select.js';
import { standingIn } from './core/standing.js';
import type { Change, Plan } from './core/types.js';
import { type Manifest, takeManifest } from './manifest.js';
import { observe } from './observe.js';
import type { Applied, Journal, Request, Run } from './ports.js';
import type { Provisioner } from './provisioner.js';

/** How long the brokers may show nothing more of what they have accepted: metadata follows the controller. */
const visibleWithinMs = 60_000;
const lookAgainMs = { least: 100, most: 2_000 };

/** The cluster or the catalogue is not what the plan was made from. Nothing was applied. */
export class StalePlan extends Error {
  override readonly name = 'StalePlan';
  readonly code = 'STALE_PLAN';
  readonly status = 409;

  constructor(readonly moved: readonly string[]) {
    super(
      `the plan is stale, nothing was applied; plan again. What moved:\n${moved.map((line) => `  ${line}`).join('\n')}`,
    );
  }
}

export interface ApplyOptions {
  readonly request: Request;
  /** The plan that was shown to somebody: applied exactly, or not at all. */
  readonly expected?: Plan;
  /** Who asked for it. */
  readonly by: string;
  /** The approved plan, by its id, whose record this apply goes on with; without it a new one is made. */
  readonly draft?: string;
  /** Ends the wait for the turn, and the apply before its next request; what is left is resumed later. */
  readonly stop?: AbortSignal;
  /** Told when another apply to this cluster has to end first. */
  readonly onWait?: () => void;
  /** Told of each manifest before its topic is deleted, and waited for. */
  readonly onManifest?: (manifest: Manifest) => Promise<void> | void;
  readonly onProgress?: CarryOutOptions['onProgress'];
}

/** An apply that was interrupted before, and what became of the rest of it now. */
export interface Resumed {
  readonly id: string;
  readonly applied: readonly Applied[];
}

/** What an apply did: `blocked` when incompatible schemas stopped it before its first mutation. */
export interface ApplyReport {
  /** Under which it is recorded; undefined when there was nothing to record. */
  readonly id?: string;
  readonly plan: Plan;
  readonly blocked: readonly Change[];
  readonly applied: readonly Applied[];
  /** Changes that were neither applied nor allowed. */
  readonly left: readonly Change[];
  readonly resumed: readonly Resumed[];
}

const clearedUp = (change: Change): Applied => ({ change, outcome: { ok: true } });

const otherwise = (change: Change): Applied => ({
  change,
  outcome: {
    ok: false,
    error: 'MOVED',
    message: 'it is no longer as it was when this was planned: plan again',
  },
});

/** Applies plans to the cluster of a provisioner, one apply at a time, recorded as it happens. */
export class Applier {
  constructor(
    private readonly provisioner: Provisioner,
    private readonly journal: Journal,
  ) {}

  /** Finishes what was interrupted, then applies what is allowed; safe to run again. Throws `StalePlan`. */
  async apply(options: ApplyOptions): Promise<ApplyReport> {
    const { clusterId } = await this.provisioner.describe();
    const work = async (lost: AbortSignal): Promise<ApplyReport> => {
      const resumed = await this.#resume(clusterId, options, lost);
      return { ...(await this.#applyNow(options, lost)), resumed };
    };
    return this.journal.exclusively(clusterId, work, options);
  }

  /** Finishes what was interrupted, and nothing else. */
  async resume(options: Omit<ApplyOptions, 'request' | 'expected' | 'draft'>): Promise<readonly Resumed[]> {
    const { clusterId } = await this.provisioner.describe();
    const work = (lost: AbortSignal) => this.#resume(clusterId, options, lost);
    return this.journal.exclusively(clusterId, work, options);
  }

  async #applyNow(options: ApplyOptions, lost: AbortSignal): Promise<Omit<ApplyReport, 'resumed'>> {
    const { request, expected, by, draft } = options;
    const plan = await this.provisioner.plan(request);
    const changed = expected ? moved(expected, plan) : [];
    if (changed.length > 0) throw new StalePlan(changed);
    const { chosen, left, blockers } = select(plan, request);
    if (blockers.length > 0) return { plan, blocked: blockers, applied: [], left };
    if (chosen.length === 0 && draft === undefined) return { plan, blocked: [], applied: [], left };
    const { environment } = this.provisioner;
    const run =
      draft === undefined
        ? await this.journal.begin({ plan, environment, request, by }, chosen)
        : await this.journal.beginDraft(draft, chosen, by);
    const applied = await this.#finish(run, chosen, [], options, lost);
    return { id: run.id, plan, blocked: [], applied, left };
  }

  async #resume(
    clusterId: string,
    options: Omit<ApplyOptions, 'request'>,
    lost: AbortSignal,
  ): Promise<readonly Resumed[]> {
    const resumed: Resumed[] = [];
    for (const run of await this.journal.takeOver(clusterId, options.by)) {
      const unclear = run.items
        .filter(({ state }) => state === 'pending' || state === 'started')
        .map(({ change }) => change);
      const stands = standingIn(await this.#observe(unclear));
      const by = Map.groupBy(unclear, stands);
      const known = [...(by.get('done') ?? []).map(clearedUp), ...(by.get('moved') ?? []).map(otherwise)];
      await run.ended(known);
      resumed.push({
        id: run.id,
        applied: await this.#finish(run, by.get('open') ?? [], known, options, lost),
      });
    }
    return resumed;
  }

  async #finish(
    run: Run,
    open: readonly Change[],
    known: readonly Applied[],
    { onManifest, onProgress }: Omit<ApplyOptions, 'request'>,
    lost: AbortSignal,
  ): Promise<readonly Applied[]> {
    const beforeDeletion = async (change: ChangeOf<'delete-topic'>): Promise<void> => {
      const { admin, registry } = this.provisioner;
      const { clusterId } = await this.provisioner.describe();
      const manifest = await takeManifest(admin, registry, change.mutation.topic, clusterId, new Date());
      await run.manifest(change, manifest);
      await onManifest?.(manifest);
    };
    const done = await carryOut(this.provisioner, run, open, {
      lost,
      beforeDeletion,
      ...(onProgress && { onProgress }),
    });
    const settled = await this.#settle(done);
    // What another apply had done in the meantime is as good as done here: the record says so, too.
    await run.ended(settled.filter((one, index) => one !== done[index]));
    await run.finish();
    return [...known, ...settled];
  }

  /**
   * Waits until the servers show what they have accepted, so that whoever looks next sees it. A change that was
   * refused and stands nevertheless was made by somebody else at the same time: that is as good.
   */
  async #settle(applied: readonly Applied[]): Promise<readonly Applied[]> {
    const from = performance.now();
    let progressAt = from;
    // The registry answers once a change stands, and takes a request for each: what it accepted is not asked again.
    let hidden = applied.filter(({ change, outcome }) => !outcome.ok || change.part !== 'schemas');
    while (hidden.length > 0) {
      const stands = standingIn(await this.#observe(hidden.map(({ change }) => change)));
      const still = hidden.filter(({ change }) => stands(change) !== 'done');
      const now = performance.now();
      if (still.length < hidden.length) progressAt = now;
      hidden = still;
      if (!hidden.some(({ outcome }) => outcome.ok) || now - progressAt > visibleWithinMs) break;
      // Brokers make thousands of topics one after the other: the longer it takes, the less often they are asked.
      await sleep(Math.min(lookAgainMs.most, Math.max(lookAgainMs.least, (now - from) / 4)));
    }
    const refused = new Set(hidden);
    return applied.map((one) => (one.outcome.ok || refused.has(one) ? one : clearedUp(one.change)));
  }

  /** The state of what changes are about, whatever the catalogue says of it by now. */
  #observe(changes: readonly Change[]) {
    const { admin, registry } = this.provisioner;
    return observe(admin, registry, scopeOf(changes), { explainAbsent: false });
  }
}

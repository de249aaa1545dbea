import { Inject, Injectable } from '@nestjs/common';
import { Problem } from '@soma/service-kit';
import { PlanNotApproved } from './adapters/journal.js';
import { type Applier, StalePlan } from './apply.js';
import { changeId } from './core/types.js';
import type { Journal, PlanRecords, RecordedItem, RecordedPlan, Request } from './ports.js';
import { Provisioner } from './provisioner.js';
import { APPLIER, JOURNAL, PLAN_RECORDS, STOPPING } from './tokens.js';

/** A recorded plan with its changes. */
export interface FoundPlan {
  readonly plan: RecordedPlan;
  readonly items: readonly RecordedItem[];
}

const notApproved = (detail: string): Problem => new Problem(409, 'not-approved', detail);

/** The way of a plan that people decide about: draft, approved, applied. Refusals are `Problem`s. */
@Injectable()
export class Plans {
  constructor(
    @Inject(Provisioner) private readonly provisioner: Provisioner,
    @Inject(APPLIER) private readonly applier: Applier,
    @Inject(JOURNAL) private readonly journal: Journal,
    @Inject(PLAN_RECORDS) private readonly records: PlanRecords,
    @Inject(STOPPING) private readonly stopping: AbortController,
  ) {}

  /** Plans now and records the plan; answers its id. */
  async draft(request: Request, by: string): Promise<string> {
    const plan = await this.provisioner.plan(request);
    return this.journal.draft({ plan, environment: this.provisioner.environment, request, by });
  }

  list(limit: number): Promise<readonly RecordedPlan[]> {
    return this.records.list(limit);
  }

  async find(id: string): Promise<FoundPlan> {
    const plan = await this.#known(id);
    return { plan, items: await this.records.items(id) };
  }

  /** Four eyes: whoever made a plan approves it only when that is allowed explicitly. */
  async approve(id: string, by: string, mayApproveOwn: boolean): Promise<void> {
    const { createdBy } = await this.#known(id);
    if (createdBy === by && !mayApproveOwn) {
      const detail = `${by} made this plan: somebody else approves it, or a token with topics:self-approve`;
      throw new Problem(403, 'own-plan', detail);
    }
    if (await this.records.approve(id, by)) return;
    const { state } = await this.#known(id);
    throw new Problem(409, 'not-a-draft', `the plan is ${state}: only a draft is approved`);
  }

  /** Applies exactly what was approved, or nothing. Resolves when it has ended; the record tells how. */
  async apply(id: string, by: string): Promise<void> {
    const { plan, items } = await this.find(id);
    if (plan.state !== 'approved') {
      throw notApproved(`the plan is ${plan.state}: only an approved one is applied, and only once`);
    }
    const expected = { clusterId: plan.clusterId, changes: items.map(({ change }) => change) };
    const { signal: stop } = this.stopping;
    try {
      const { blocked } = await this.applier.apply({ request: plan.request, expected, by, draft: id, stop });
      if (blocked.length > 0) {
        const detail = 'nothing was applied: schemas break what they must get on with';
        throw new Problem(409, 'incompatible-schemas', detail, {
          fields: { schemas: blocked.map(changeId) },
        });
      }
    } catch (error) {
      if (error instanceof StalePlan) {
        throw new Problem(409, 'stale-plan', error.message, { fields: { moved: error.moved }, cause: error });
      }
      if (error instanceof PlanNotApproved) throw notApproved(error.message);
      if (!stop.aborted || error instanceof Problem) throw error;
      const detail = 'this replica stops; the leader goes on with what had begun: ask for the plan';
      throw new Problem(503, 'stopping', detail, { cause: error });
    }
  }

  async #known(id: string): Promise<RecordedPlan> {
    const plan = await this.records.find(id);
    if (!plan) throw new Problem(404, 'unknown-plan', `there is no plan ${id}`);
    return plan;
  }
}

import type { z } from 'zod';
import { countByClass } from '../core/drift.js';
import type { Actual, Change, Desired, TopicData } from '../core/types.js';
import type { RecordedItem, RecordedPlan } from '../ports.js';
import type { planAnswer, schemasAnswer, topicsAnswer } from './answers.js';

type PlanAnswer = z.input<typeof planAnswer>;

const iso = (date: Date | null): string | null => date && date.toISOString();

/** A difference as the API shows it; the mutation is the provisioner's own business. */
export const changeView = ({ mutation: _, ...change }: Change) => change;

/** Changes of a topic, of the subject of its values and of those of the types that it refers to. */
export const driftOf = (desired: Desired, topic: string, changes: readonly Change[]): Change[] => {
  const subjects = desired.subjects
    .filter((one) => one.topic === topic)
    .flatMap(({ subject, refersTo }) => [subject, ...(refersTo?.references ?? []).map((one) => one.subject)]);
  return changes.filter(
    ({ part, resource }) =>
      (part === 'topics' && resource === topic) || (part === 'schemas' && subjects.includes(resource)),
  );
};

export const topicsView = (desired: Desired, changes: readonly Change[]): z.input<typeof topicsAnswer> => ({
  topics: desired.topics.map(({ name, owner, partitions, replicationFactor }) => ({
    name,
    owner,
    partitions,
    replicationFactor,
    drift: countByClass(driftOf(desired, name, changes)),
  })),
});

export const schemasView = (desired: Desired, actual: Actual): z.input<typeof schemasAnswer> => ({
  schemas: desired.subjects.map(({ subject, topic, owner, level }) => {
    const seen = actual.subjects.get(subject);
    return {
      subject,
      topic,
      owner,
      level: seen?.level ?? null,
      declared_level: level,
      versions: [...(seen?.versions ?? [])],
      registered: seen?.registered ?? false,
      incompatible: [...(seen?.incompatibleWith ?? [])],
    };
  }),
});

export const dataView = ({ messages, bytes, newestAt }: Omit<TopicData, 'groups'>) => ({
  messages,
  bytes,
  newest_at: newestAt === undefined ? null : new Date(newestAt).toISOString(),
});

/** A recorded plan without its changes. */
export const planHeadView = (plan: RecordedPlan): Omit<PlanAnswer, 'changes'> => {
  const { only, allow } = plan.request;
  return {
    id: plan.id,
    cluster_id: plan.clusterId,
    environment: plan.environment,
    fingerprint: plan.fingerprint,
    selection: { ...(only && { only: [...only] }), ...(allow && { allow: [...allow] }) },
    state: plan.state,
    items: plan.items,
    created_by: plan.createdBy,
    created_at: plan.createdAt.toISOString(),
    approved_by: plan.approvedBy,
    approved_at: iso(plan.approvedAt),
    applied_by: plan.appliedBy,
    started_at: iso(plan.startedAt),
    ended_at: iso(plan.endedAt),
  };
};

/** A recorded plan and what became of each of its changes. */
export const planView = (plan: RecordedPlan, items: readonly RecordedItem[]): PlanAnswer => ({
  ...planHeadView(plan),
  changes: items.map(({ change, state, attempts, error, message, startedAt, endedAt }) => ({
    ...changeView(change),
    state,
    attempts,
    error,
    message,
    started_at: iso(startedAt),
    ended_at: iso(endedAt),
  })),
});

import type { Notification } from '../notification.js';
import type { Entry, StoredNotification } from '../../ports.js';
import { bounded } from '../rules/text.js';
import { matchesKind } from './kind-pattern.js';
import type { EscalationPlan } from './plan-format.js';

/** What is older than its deadline by more than this is history: a plan that is new does not tell of last month. */
const dayMs = 86_400_000;

export const escalatedKind = 'feed.escalated';

/** A critical that a squad has not acknowledged. */
export type Unacknowledged = Pick<
  StoredNotification,
  'position' | 'source' | 'kind' | 'severity' | 'title' | 'body' | 'link' | 'dedupeKey' | 'storedAt'
>;

/** Times between which a critical was stored that may be due; milliseconds since the epoch. */
export const escalationWindow = ({ after }: EscalationPlan, now: number) => ({
  from: now - after.ms - dayMs,
  to: now - after.ms,
});

const longestTitle = 300;

const escalated = (squad: string, plan: EscalationPlan, one: Unacknowledged, now: number): Notification => ({
  squads: [...new Set([squad, ...plan.to])],
  source: 'notification-feed',
  kind: escalatedKind,
  severity: 'critical',
  title: bounded(`Not acknowledged by ${squad} within ${plan.after.text}: ${one.title}`, longestTitle),
  body: one.body,
  link: one.link,
  dedupeKey: one.dedupeKey,
  metadata: { squad, position: one.position, kind: one.kind, source: one.source },
  happenedAt: now,
});

/**
 * What becomes of the criticals that a squad has not acknowledged: one notification for each whose time is up. An escalation
 * itself is never escalated, whatever the plan says.
 */
export const dueEscalations = (
  squad: string,
  plan: EscalationPlan,
  unacknowledged: readonly Unacknowledged[],
  now: number,
): readonly Entry[] => {
  const { from, to } = escalationWindow(plan, now);
  return unacknowledged
    .filter(
      ({ severity, kind, storedAt }) =>
        severity === 'critical' &&
        kind !== escalatedKind &&
        from < storedAt &&
        storedAt <= to &&
        (plan.kinds?.some((pattern) => matchesKind(pattern, kind)) ?? true),
    )
    .map((one) => ({
      origin: `escalation:${squad}:${one.position}`,
      notification: escalated(squad, plan, one, now),
    }));
};

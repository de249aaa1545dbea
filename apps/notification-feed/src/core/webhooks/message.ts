import type { Coordinate, Notification } from '../notification.js';
import type { DisabledReason } from './judge.js';
import { disabledKind } from './filter.js';

/** A row of the feed as a webhook sends it. */
export interface FeedRow extends Notification {
  readonly position: string;
  readonly coordinate: Coordinate | null;
  /** Milliseconds since the epoch. */
  readonly storedAt: number;
}

/**
 * `webhook-id` of a row: the same for every attempt, replay and webhook. The time is in it because positions begin anew
 * when a database was restored.
 */
export const messageId = ({ position, storedAt }: Pick<FeedRow, 'position' | 'storedAt'>): string =>
  `msg_${position}_${storedAt.toString(36)}`;

const rfc3339 = (at: number): string => new Date(at).toISOString();

/** The body of a message. */
export const messageBody = (row: FeedRow): string =>
  JSON.stringify({
    type: row.kind,
    timestamp: rfc3339(row.happenedAt),
    data: {
      position: row.position,
      squads: row.squads,
      source: row.source,
      kind: row.kind,
      severity: row.severity,
      title: row.title,
      body: row.body,
      link: row.link,
      dedupe_key: row.dedupeKey,
      metadata: row.metadata,
      happened_at: rfc3339(row.happenedAt),
      stored_at: rfc3339(row.storedAt),
      event: row.coordinate,
    },
  });

/** Kind of the message that the test route sends. */
export const testKind = 'feed.webhook.test';

/** The body of a test message. */
export const testBody = (webhook: { id: string; squad: string }, now: number): string =>
  JSON.stringify({
    type: testKind,
    timestamp: rfc3339(now),
    data: { webhook: webhook.id, squad: webhook.squad },
  });

const reasons: Readonly<Record<DisabledReason, string>> = {
  requested: 'its owner said so',
  gone: 'its receiver answered 410 Gone',
  failing: 'its receiver has failed for too long',
};

/** What a squad is told when the feed has disabled one of its webhooks. The URL may hold a secret: only its host is told. */
export const disabledNotification = (
  webhook: { readonly id: string; readonly squad: string; readonly url: string },
  reason: DisabledReason,
  now: number,
): Notification => {
  const { host } = new URL(webhook.url);
  return {
    squads: [webhook.squad],
    source: 'notification-feed',
    kind: disabledKind,
    severity: 'error',
    title: `The webhook to ${host} was disabled: ${reasons[reason]}`,
    body: `What happens from now on waits in the feed. Enable webhook ${webhook.id} when its receiver works again.`,
    link: null,
    dedupeKey: `webhook/${webhook.id}`,
    metadata: { webhook: webhook.id, reason },
    happenedAt: now,
  };
};

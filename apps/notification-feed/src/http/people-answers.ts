import { z } from 'zod';
import { type Digest, digestBody } from '../core/people/digest.js';
import type { Mute } from '../core/people/mute.js';
import { severities } from '../core/severity.js';
import type { Acknowledgement, Assignment, InboxItem, ResponseRecord, Unread } from '../people-ports.js';

const when = z.iso.datetime();
const severity = z.enum(severities);
const position = z.string().describe('64-bit, hence text');

const rfc3339 = (milliseconds: number): string => new Date(milliseconds).toISOString();

const acknowledgement = z.object({ by: z.string(), at: when, note: z.string().nullable() });

/** `PUT /v1/notifications/{position}/ack`. */
export const ackAnswer = acknowledgement.extend({ position });
export const ackView = ({ by, at, note }: Acknowledgement) => ({ by, at: rfc3339(at), note });

/** `PUT /v1/notifications/{position}/assignee`. */
export const assigneeAnswer = z.object({ position, assignee: z.string(), by: z.string(), at: when });
export const assigneeView = ({ assignee, by, at }: Assignment) => ({ assignee, by, at: rfc3339(at) });

/** `GET /v1/notifications/{position}/history`. */
export const historyAnswer = z.object({
  history: z.array(
    z.object({
      act: z.enum(['acknowledged', 'withdrawn', 'assigned', 'unassigned']),
      by: z.string(),
      at: when,
      detail: z.string().nullable().describe('the note, or the assignee'),
    }),
  ),
});
export const historyView = (records: readonly ResponseRecord[]) => ({
  history: records.map(({ at, ...rest }) => ({ ...rest, at: rfc3339(at) })),
});

/** `PUT /v1/notifications/{position}/snooze`. */
export const snoozeAnswer = z.object({ position, until: when });

/** `PUT /v1/read`. */
export const readAnswer = z.object({ up_to: position.describe('everything up to here is read') });

/** `GET /v1/unread`. */
export const unreadAnswer = readAnswer.extend({
  unread: z.record(severity, z.int()).describe('1000 stands for a thousand and more'),
});
export const unreadView = ({ upTo, counts }: Unread) => ({ up_to: upTo, unread: counts });

/** `GET /v1/inbox`. */
export const inboxAnswer = z.object({
  notifications: z.array(
    z.object({
      position,
      squads: z.array(z.string()),
      source: z.string(),
      kind: z.string(),
      severity,
      title: z.string(),
      body: z.string(),
      link: z.string().nullable(),
      dedupe_key: z.string(),
      metadata: z.record(z.string(), z.string()),
      happened_at: when,
      stored_at: when,
      read: z.boolean(),
      acked: acknowledgement.nullable(),
      assignee: z.string().nullable(),
      snoozed_until: when.nullable(),
      muted: z.boolean(),
    }),
  ),
});
export const inboxView = (items: readonly InboxItem[]) => ({
  notifications: items.map(({ dedupeKey, happenedAt, storedAt, acked, snoozedUntil, squads, ...rest }) => ({
    ...rest,
    squads: [...squads],
    dedupe_key: dedupeKey,
    happened_at: rfc3339(happenedAt),
    stored_at: rfc3339(storedAt),
    acked: acked && ackView(acked),
    snoozed_until: snoozedUntil === null ? null : rfc3339(snoozedUntil),
  })),
});

/** `POST /v1/mutes`. */
export const muteAnswer = z.object({
  id: z.string(),
  kind: z.string().nullable(),
  source: z.string().nullable(),
  dedupe_key: z.string().nullable(),
  until: when.nullable(),
  created_at: when,
});
/** `GET /v1/mutes`. */
export const mutesAnswer = z.object({ mutes: z.array(muteAnswer) });
export const muteView = ({ id, kind, source, dedupeKey, until, createdAt }: Mute) => ({
  id,
  kind,
  source,
  dedupe_key: dedupeKey,
  until: until === null ? null : rfc3339(until),
  created_at: rfc3339(createdAt),
});

/** `GET /v1/digest`. */
export const digestAnswer = z.object({
  squad: z.string(),
  from: when,
  to: when,
  severities: z.partialRecord(severity, z.int()),
  kinds: z.array(z.object({ kind: z.string(), count: z.int() })),
  unacknowledged: z.object({
    count: z.int(),
    notifications: z.array(z.object({ position, kind: z.string(), title: z.string(), stored_at: when })),
  }),
  groups: z.array(z.object({ dedupe_key: z.string(), title: z.string(), count: z.int() })),
  body: z.string().describe('the same in Markdown'),
});
export const digestView = (digest: Digest) => ({
  squad: digest.squad,
  from: rfc3339(digest.from),
  to: rfc3339(digest.to),
  severities: { ...digest.severities },
  kinds: [...digest.kinds],
  unacknowledged: {
    count: digest.unacknowledged.count,
    notifications: digest.unacknowledged.notifications.map(({ storedAt, ...rest }) => ({
      ...rest,
      stored_at: rfc3339(storedAt),
    })),
  },
  groups: digest.groups.map(({ dedupeKey, ...rest }) => ({ dedupe_key: dedupeKey, ...rest })),
  body: digestBody(digest, 'UTC'),
});

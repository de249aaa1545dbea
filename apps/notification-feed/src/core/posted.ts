import { isSquad } from '@soma/contracts';
import { z } from 'zod';
import { originOf } from './origin.js';
import { everySquad, type Notification } from './notification.js';
import { severities } from './severity.js';

/** Most of each thing that one notification may have; characters, unless it says otherwise. */
export const limits = {
  word: 200,
  title: 300,
  body: 20_000,
  link: 2_000,
  key: 500,
  squads: 20,
  labels: 50,
  label: 1_000,
} as const;

/** PostgreSQL and JavaScript agree on times up to here. */
const lastTime = Date.UTC(9998, 11, 31);

const text = (most: number) => z.string('a text').max(most, `at most ${most} characters`);
/** A text that is not empty; `what` says what it is. */
export const filled = (most: number, what: string) =>
  z.string(what).min(1, what).max(most, `at most ${most} characters`);

/** Says what an object has to be where there is none; what else is wrong with it says so itself. */
export const objectForm = (message: string) => ({
  error: ({ code }: { readonly code: string }) => (code === 'invalid_type' ? message : undefined),
});

const squadsForm = 'a list of squads, such as ["infra-ops"]; ["*"] and [] address all of them';
export const squadsField = z
  .array(
    z
      .string('the name of a squad, or * for all of them')
      .refine((name) => name === everySquad || isSquad(name), 'the name of a squad, or * for all of them'),
    squadsForm,
  )
  .max(limits.squads, `at most ${limits.squads} squads`);

const kindForm = `a dotted word such as nightly.finished, at most ${limits.word} characters`;
export const kindField = z.string(kindForm).regex(/^[\w.:/+-]{1,200}$/, kindForm);

const timeForm = 'a time: RFC 3339, or whole milliseconds since 1970, before the year 9999';
const milliseconds = z.int(timeForm).min(0, timeForm).max(lastTime, timeForm);
/** In milliseconds since the epoch. */
export const timeField = z.union(
  [
    milliseconds,
    z.iso
      .datetime({ offset: true, message: timeForm })
      .transform((time) => Date.parse(time))
      .pipe(milliseconds),
  ],
  timeForm,
);

/** What a notification says, whichever way it is sent. */
export const contentFields = {
  severity: z.enum(severities, `one of ${severities.join(', ')}`).default('info'),
  title: filled(limits.title, 'one line that makes sense without the body'),
  body: text(limits.body).default(''),
  link: z
    .url({ protocol: /^https?$/, message: 'an absolute http or https URL' })
    .max(limits.link, `at most ${limits.link} characters`)
    .nullable()
    .default(null),
  dedupe_key: filled(limits.key, 'what this is about').exactOptional(),
  metadata: z
    .record(text(limits.word), text(limits.label), 'labels: an object of texts')
    .refine((labels) => Object.keys(labels).length <= limits.labels, `at most ${limits.labels} labels`)
    .default({}),
};

/** A notification as `POST /v1/notifications` takes it: the fields of `infra.notifications`. */
export const postedNotification = z.strictObject(
  {
    squads: squadsField,
    source: filled(limits.word, 'the service or pipeline that sends it').exactOptional(),
    kind: kindField,
    ...contentFields,
    at: timeField.exactOptional(),
  },
  objectForm('a notification: a JSON object'),
);

export type PostedNotification = z.output<typeof postedNotification>;

/** What the request itself knows about a notification that does not say so. */
export interface Circumstances {
  /** Who sends it. */
  readonly caller: string;
  /** Its idempotency key: what a notification is about that names nothing. */
  readonly origin: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** Everybody, if nobody is named, as in `infra.notifications`. */
const addressed = (squads: readonly string[]): readonly string[] =>
  squads.length > 0 ? [...new Set(squads)] : [everySquad];

/** The notification that somebody has posted. */
export const fromPosted = (
  { squads, dedupe_key, source, at, ...content }: PostedNotification,
  { caller, origin, now }: Circumstances,
): Notification => ({
  ...content,
  squads: addressed(squads),
  source: source ?? caller,
  dedupeKey: dedupe_key ?? origin,
  happenedAt: at ?? now,
});

/** The idempotency key of a posted notification; `newId` makes one for what shall never be taken for a repeat. */
export const postedOrigin = (
  { dedupe_key }: PostedNotification,
  index: number,
  { caller, requestKey, newId }: { caller: string; requestKey: string | undefined; newId: () => string },
): string => {
  if (requestKey !== undefined) return originOf('http', caller, 'request', requestKey, `${index}`);
  if (dedupe_key !== undefined) return originOf('http', caller, 'item', dedupe_key);
  return originOf('http', caller, 'once', newId());
};

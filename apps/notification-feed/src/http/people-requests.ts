import { z } from 'zod';
import { parseCursor } from '../core/cursor.js';
import { kindPattern, kindPatternForm } from '../core/people/kind-pattern.js';
import { filled, limits } from '../core/posted.js';
import { cursor, squad } from './requests.js';

const dayMs = 86_400_000;
const mostDays = 31;
const mostPositions = 500;
const longestNote = 2_000;

const timeForm = 'a time: RFC 3339, such as 2026-06-01T08:00:00Z';
/** Stays a text, which is what the API's description shows of a parameter. */
const timeText = z.iso
  .datetime({ offset: true, error: timeForm })
  .refine((text) => Date.parse(text) >= 0 && Date.parse(text) < Date.UTC(9998, 11, 31), timeForm);
const time = timeText.transform((text) => Date.parse(text));
const line = (most: number, what: string) => filled(most, what).regex(/^\P{Cc}*$/u, 'one line');
const flag = z.enum(['true', 'false']).default('false');

const positionForm = 'the position of a notification: a whole number up to 9223372036854775807';
const position = z
  .string(positionForm)
  .regex(/^\d{1,19}$/, positionForm)
  .refine((text) => parseCursor(text) !== undefined, positionForm);

export const squadQuery = z.strictObject({ squad });
export const positionParams = z.object({ position });
export const muteParams = z.object({
  id: z.string().regex(/^[0-9a-f]{32}$/, 'the id of a mute'),
});

/** `GET /v1/inbox`. */
export const inboxQuery = z.strictObject({
  squad,
  unread: flag.describe('only what is not read'),
  all: flag.describe('also what is muted or snoozed'),
  before: cursor.optional(),
  limit: z.coerce.number().int().min(1).max(mostPositions).default(50),
});

/** `PUT /v1/read`. */
export const readBody = z.union(
  [
    z.strictObject({ up_to: cursor }),
    z.strictObject({ positions: z.array(position).min(1).max(mostPositions) }),
  ],
  `{"up_to": a cursor} or {"positions": 1 to ${mostPositions} of them}`,
);

/** `PUT /v1/notifications/{position}/ack`; the note may be left out. */
export const ackBody = z.strictObject({
  note: z
    .string('a text')
    .max(longestNote, `at most ${longestNote} characters`)
    .regex(/^[^\0]*$/, 'a text without NUL')
    .exactOptional(),
});

/** `PUT /v1/notifications/{position}/assignee`. */
export const assigneeBody = z.strictObject({ assignee: line(limits.word, 'who looks after it') });

/** `PUT /v1/notifications/{position}/snooze`. */
export const snoozeBody = z.strictObject({ until: time });

/** `POST /v1/mutes`: all of what is named has to be so. */
export const muteBody = z
  .strictObject({
    kind: z.string(kindPatternForm).max(limits.word).regex(kindPattern, kindPatternForm).exactOptional(),
    source: line(limits.word, 'the source of a notification').exactOptional(),
    dedupe_key: filled(limits.key, 'the dedupe_key of a notification')
      .regex(/^[^\0]*$/, 'a text without NUL')
      .exactOptional(),
    until: time.exactOptional(),
  })
  .refine(
    ({ kind, source, dedupe_key }) => (kind ?? source ?? dedupe_key) !== undefined,
    'a kind, a source or a dedupe_key',
  );

/** `GET /v1/digest`. */
export const digestQuery = z.strictObject({ squad, from: timeText, to: timeText }).refine(
  ({ from, to }) => {
    const span = Date.parse(to) - Date.parse(from);
    return span > 0 && span <= mostDays * dayMs;
  },
  { path: ['to'], message: `a time behind from, at most ${mostDays} days` },
);

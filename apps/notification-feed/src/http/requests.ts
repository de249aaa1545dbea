import { isSquad } from '@soma/contracts';
import { z } from 'zod';
import { cursorForm, parseCursor } from '../core/cursor.js';
import { kindPattern, kindPatternForm } from '../core/people/kind-pattern.js';
import { severities } from '../core/severity.js';
import type { Start } from '../streams/hub.js';

export const cursor = z
  .string()
  .refine((text) => parseCursor(text) !== undefined, cursorForm)
  .describe(cursorForm);

export const squad = z
  .string()
  .refine(isSquad, 'the name of a squad, such as identity-settings')
  .describe('the name of a squad, such as identity-settings');

const since = z.iso
  .datetime({ offset: true, error: 'a time (RFC 3339), such as 2026-11-24T08:00:00Z' })
  .transform((text) => Date.parse(text));

/** A comma list in a query, of which each part has to fit. */
const list = <S extends z.ZodType<unknown, string>>(what: string, part: S) =>
  z
    .string()
    .transform((text) => text.split(','))
    .pipe(z.array(part).max(20))
    .describe(`${what}; up to 20 with commas between them`);

/** `GET /v1/notifications`. Oldest first behind `after`; newest first otherwise. */
export const listQuery = z
  .strictObject({
    squad,
    after: cursor.optional(),
    before: cursor.optional(),
    limit: z.coerce.number().int().min(1).max(500).default(50),
    kind: list(
      'kinds, or beginnings of them such as drill.*',
      z.string().regex(kindPattern, kindPatternForm),
    ).optional(),
    severity: list(`severities: ${severities.join(', ')}`, z.enum(severities)).optional(),
    topic: z.string().min(1).max(249).optional(),
    since: since.optional(),
  })
  .refine(({ after, before }) => after === undefined || before === undefined, {
    path: ['before'],
    message: 'either after or before, not both',
    // Also when something else is wrong: the caller is told everything at once.
    when: () => true,
  });

/** `GET /v1/stream`. `after` is for clients that cannot send `Last-Event-ID`, which counts more. */
export const streamQuery = z.strictObject({ squad, after: cursor.optional(), since: since.optional() });

export const streamHeaders = z.object({ 'last-event-id': cursor.optional() });

/** `GET /v1/ws`. */
export const webSocketQuery = streamQuery.extend({
  consumer: z
    .string()
    .regex(/^[\w.-]{1,100}$/, 'letters, digits, dots, dashes and underscores, at most 100')
    .optional(),
});

/** Where a stream begins: behind the first cursor that there is, at a time, or now. */
export const startOf = (
  at: { after?: string | undefined; since?: number | undefined },
  lastEventId?: string,
): Start => {
  const found = parseCursor(lastEventId ?? at.after ?? '');
  if (found) return { cursor: found };
  return at.since === undefined ? 'now' : { since: at.since };
};

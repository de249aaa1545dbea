import { isSquad } from '@soma/contracts';
import { z } from 'zod';

const maxPosition = 2n ** 63n - 1n;

const position = z
  .string()
  .regex(/^\d{1,19}$/, 'a position: a whole number from 0 to 9223372036854775807')
  .refine(
    (text) => !/^\d{1,19}$/.test(text) || BigInt(text) <= maxPosition,
    'a position up to 9223372036854775807',
  );

const squad = z.string().refine(isSquad, 'the name of a squad, such as identity-settings');

/** `GET /v1/notifications`. Oldest first behind `after`; newest first otherwise. */
export const listQuery = z
  .strictObject({
    squad,
    after: position.optional(),
    before: position.optional(),
    limit: z.coerce.number().int().min(1).max(500).default(50),
  })
  .refine(({ after, before }) => after === undefined || before === undefined, {
    path: ['before'],
    message: 'either after or before, not both',
    // Also when something else is wrong: the caller is told everything at once.
    when: () => true,
  });

/** `GET /v1/stream`. `since` is the cursor of a client that cannot send `Last-Event-ID`. */
export const streamQuery = z.strictObject({ squad, since: position.optional() });

export const streamHeaders = z.object({ 'last-event-id': position.optional() });

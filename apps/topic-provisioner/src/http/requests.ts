import { z } from 'zod';
import { planParts } from '../core/types.js';

/** Classes that a plan over HTTP may be allowed besides `create` and `safe`. */
const allowed = ['unsafe', 'destructive', 'unknown'] as const;

export const topicParams = z.object({ name: z.string() });
export const planParams = z.object({ id: z.uuid('the id of a plan: a UUID') });

/** `GET /v1/plans`. */
export const plansQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(100).default(20),
});

/**
 * `POST /v1/plans`. What deletes topics is recognised, so that it is refused with its reason and not as a stray word.
 */
export const planBody = z.strictObject({
  only: z.array(z.enum(planParts)).min(1).exactOptional(),
  allow: z.array(z.enum(allowed)).exactOptional(),
});

/** Words of the command line that are not offered over HTTP. */
export const deletionWords = ['deletions', 'delete', 'force'] as const;

import { isSquad } from '@soma/contracts';
import { z } from 'zod';
import { everySquad } from '../core/notification.js';
import { timeField } from '../core/posted.js';

const squadForm = 'the name of a squad, or * for all of them';
const squad = z.string(squadForm).refine((name) => name === everySquad || isSquad(name), squadForm);
const scopeForm = 'a scope, such as feed:read';
const scope = z.string(scopeForm).regex(/^[\w-]{1,50}:[\w-]{1,50}$/, scopeForm);
const distinct = <T>(list: readonly T[]): T[] => [...new Set(list)];
const id = z.uuid('the id of a token: a UUID');

/** `POST /v1/tokens`. */
export const tokenBody = z.strictObject({
  squads: z.array(squad, 'a list of squads').min(1, 'at least one squad').max(20).transform(distinct),
  scopes: z.array(scope, 'a list of scopes').min(1, 'at least one scope').max(20).transform(distinct),
  note: z
    .string('a text')
    .max(200, 'at most 200 characters')
    .regex(/^[^\p{Cc}\p{Cs}]*$/u, 'one line')
    .default('')
    .describe('what the token is for'),
  expires_at: timeField.optional().describe('it does not expire unless told'),
});

/** `DELETE /v1/tokens/{id}`. */
export const tokenParams = z.object({ id });

/** `GET /v1/tokens`. */
export const tokensQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(500).default(50),
  before: id.optional().describe('only what is older than this token'),
});

const when = z.iso.datetime();

const tokenAnswer = z.object({
  id,
  squads: z.array(z.string()),
  scopes: z.array(z.string()),
  note: z.string(),
  created_by: z.string().describe('id of the caller who made it'),
  created_at: when,
  expires_at: when.nullable(),
  revoked_at: when.nullable(),
  last_used_at: when.nullable().describe('exact to a minute'),
});

export const tokensAnswer = z.object({ tokens: z.array(tokenAnswer) });
export const madeTokenAnswer = tokenAnswer.extend({ token: z.string().describe('shown this once') });

import { squads } from '@soma/contracts';
import { z } from 'zod';
import { duration } from '../rules/duration.js';
import { isTimeZone } from '../rules/quiet-hours.js';
import { severities } from '../severity.js';
import { kindPattern, kindPatternForm } from './kind-pattern.js';
import { cronFault } from './schedule.js';

/** `digest:` of a squad's file: when it is told what happened since the last time. */
export const digestFormat = z.strictObject({
  at: z.string().superRefine((text, context) => {
    const message = cronFault(text);
    if (message === undefined) return;
    const allowed = 'five fields of cron, such as "0 8 * * 1": Mondays at 08:00';
    context.addIssue({ code: 'custom', message, params: { allowed } });
  }),
  timeZone: z
    .string()
    .refine(isTimeZone, { error: 'no time zone', params: { allowed: 'such as Europe/Berlin or UTC' } }),
  minSeverity: z.enum(severities).default('info'),
});

/** `escalation:` of a squad's file: whom a critical concerns that the squad has not acknowledged in time. */
export const escalationFormat = z.strictObject({
  after: duration,
  to: z.array(z.enum(squads)).min(1),
  kinds: z.array(z.string().regex(kindPattern, kindPatternForm)).min(1).optional(),
});

export type DigestPlan = z.output<typeof digestFormat>;
export type EscalationPlan = z.output<typeof escalationFormat>;

import { squads } from '@soma/contracts';
import { z } from 'zod';
import { digestFormat, escalationFormat } from '../people/plan-format.js';
import { severities } from '../severity.js';
import { duration } from './duration.js';
import { isTimeZone } from './quiet-hours.js';

const clock = z
  .string()
  .regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'a time of day from "00:00" to "23:59"')
  .transform((text) => Number(text.slice(0, 2)) * 60 + Number(text.slice(3)));

const quietHours = z
  .strictObject({
    from: clock,
    to: clock,
    timeZone: z
      .string()
      .refine(isTimeZone, { error: 'no time zone', params: { allowed: 'such as Europe/Berlin or UTC' } }),
    below: z.enum(severities).default('critical'),
    then: z.enum(['hold', 'drop']),
  })
  .refine(({ from, to }) => from !== to, {
    path: ['to'],
    error: 'is the same as from',
    params: { allowed: 'another time' },
  });

/** One rule of a file. */
export const ruleFormat = z.strictObject({
  name: z.string().regex(/^[a-z][a-z0-9-]{0,62}$/, 'lower-case letters, digits and dashes, a letter first'),
  on: z.union([z.string(), z.array(z.string()).min(1)], { error: 'a topic, or a list of topics' }),
  when: z.string().min(1),
  kind: z.string().regex(/^[a-z][a-z0-9]*(\.[a-z0-9_-]+)*$/, 'a dotted word such as billing.threshold'),
  severity: z.enum(severities),
  title: z.string().min(1),
  body: z.string(),
  link: z.string().min(1).optional(),
  group: z
    .strictObject({
      by: z.array(z.string().min(1)).min(1),
      window: duration,
      sum: z.string().min(1).optional(),
      over: z.int().min(0),
    })
    .optional(),
  rateLimit: z.strictObject({ max: z.int().min(1).max(1_000), per: duration }).optional(),
  quietHours: quietHours.optional(),
  squads: z.array(z.enum(squads)).default([]),
  enabled: z.boolean().default(true),
});

/** A file `infra/feed/<squad>.yaml`. */
export const rulesFile = z.strictObject({
  squad: z.enum(squads),
  rules: z.array(ruleFormat),
  digest: digestFormat.optional(),
  escalation: escalationFormat.optional(),
});

/** One rule as it stands in its file. */
export type RuleText = z.output<typeof ruleFormat>;
/** When a squad does not want to be disturbed; times of day in minutes. */
export type QuietHours = z.output<typeof quietHours>;
export type Severity = (typeof severities)[number];

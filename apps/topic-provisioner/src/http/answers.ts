import { compatibilityLevels, squads } from '@soma/contracts';
import { z } from 'zod';
import { changeClasses, planParts } from '../core/types.js';
import { itemStates, planStates } from '../ports.js';

const changeClass = z.enum(changeClasses);
const when = z.iso.datetime();
const configs = z.record(z.string(), z.string().nullable());
const shape = { partitions: z.int(), replicationFactor: z.int() };

const change = z.object({
  part: z.enum(planParts),
  resource: z.string().describe('a topic, a subject, a right in words, a user'),
  field: z.string(),
  before: z.string().nullable(),
  after: z.string().nullable(),
  class: changeClass,
  reason: z.string().describe('the rule that gave it its class'),
  refused: z.string().optional().describe('why it is never applied, and what to do instead'),
  owner: z.enum(squads).optional(),
  touches: z.unknown().optional().describe('what the topic holds and who reads it, where that matters'),
});

/** `GET /v1/topics`. */
export const topicsAnswer = z.object({
  topics: z.array(
    z.object({
      name: z.string(),
      owner: z.enum(squads),
      ...shape,
      drift: z
        .partialRecord(changeClass, z.int())
        .describe('differences of the topic and its subject, by class'),
    }),
  ),
});

/** `GET /v1/topics/{name}`. */
export const topicAnswer = z.object({
  name: z.string(),
  owner: z.enum(squads),
  declared: z.object({
    ...shape,
    config: z.record(z.string(), z.string()),
    strict: z.boolean(),
    role: z.unknown(),
  }),
  actual: z.object({ ...shape, configs, overridden: z.array(z.string()) }).nullable(),
  drift: z.array(change),
  consumers: z.array(z.object({ group: z.string(), state: z.string(), members: z.int(), lag: z.number() })),
  data: z
    .object({ messages: z.number(), bytes: z.number(), newest_at: when.nullable() })
    .nullable()
    .describe('null while the topic is not there or its leaders do not answer'),
});

/** `GET /v1/schemas`. */
export const schemasAnswer = z.object({
  schemas: z.array(
    z.object({
      subject: z.string(),
      topic: z.string(),
      owner: z.enum(squads),
      level: z.enum(compatibilityLevels).nullable().describe('in force; null where the default is followed'),
      declared_level: z.enum(compatibilityLevels),
      versions: z.array(z.int()),
      registered: z.boolean().describe('whether exactly the declared schema is registered'),
      incompatible: z.array(z.int()).describe('versions that the declared schema does not get on with'),
    }),
  ),
});

/** `GET /v1/plan`: made now, and kept nowhere. */
export const currentPlanAnswer = z.object({
  cluster_id: z.string(),
  fingerprint: z.string(),
  changes: z.array(change),
});

const planHead = z.object({
  id: z.uuid(),
  cluster_id: z.string(),
  environment: z.string(),
  fingerprint: z.string(),
  selection: z.object({ only: z.array(z.string()).optional(), allow: z.array(z.string()).optional() }),
  state: z.enum(planStates),
  items: z.partialRecord(z.enum(itemStates), z.int()).describe('number of changes by state'),
  created_by: z.string(),
  created_at: when,
  approved_by: z.string().nullable(),
  approved_at: when.nullable(),
  applied_by: z.string().nullable(),
  started_at: when.nullable(),
  ended_at: when.nullable(),
});

/** `GET /v1/plans`. */
export const plansAnswer = z.object({ plans: z.array(planHead) });

/** `GET /v1/plans/{id}`, and what every call on a plan answers. */
export const planAnswer = planHead.extend({
  changes: z.array(
    change.extend({
      state: z.enum(itemStates),
      attempts: z.int().describe('how often the servers were asked for it'),
      error: z.string().nullable(),
      message: z.string().nullable(),
      started_at: when.nullable(),
      ended_at: when.nullable(),
    }),
  ),
});

import { z } from 'zod';
import { durationForm, parseDuration } from './quantity.js';
import { type SquadName, squads } from './squads.js';
import { canonicalConfig, topicConfigNames } from './topic-config.js';

/** How a new version of a schema must get on with the versions before it, as Confluent's registry names the levels. */
export const compatibilityLevels = [
  'NONE',
  'BACKWARD',
  'BACKWARD_TRANSITIVE',
  'FORWARD',
  'FORWARD_TRANSITIVE',
  'FULL',
  'FULL_TRANSITIVE',
] as const;

/** One of {@link compatibilityLevels}. */
export type CompatibilityLevel = (typeof compatibilityLevels)[number];

/** Who may see the values of a topic, widest first. */
export const classificationLevels = ['public', 'internal', 'confidential'] as const;

/** One of {@link classificationLevels}. */
export type ClassificationLevel = (typeof classificationLevels)[number];

/** A service as principal of the catalogue: its name is its user name in Kafka. */
export interface ServiceReference {
  readonly service: string;
  readonly squad: SquadName;
}

/** A service that reads a topic; `group` is the prefix of the consumer groups it may use. */
export interface ConsumerReference extends ServiceReference {
  readonly group: string;
}

/** A service that writes a topic; `transactionalId` is the prefix of the transactional ids it may use, if it uses any. */
export interface ProducerReference extends ServiceReference {
  readonly transactionalId?: string;
}

/** What an ACL on a topic may allow or deny, by Kafka's names. */
export const topicOperations = [
  'ALL',
  'READ',
  'WRITE',
  'CREATE',
  'DELETE',
  'ALTER',
  'DESCRIBE',
  'DESCRIBE_CONFIGS',
  'ALTER_CONFIGS',
] as const;

/** One right on a topic beyond those that follow from its producers and consumers. */
export interface TopicAcl {
  /** As Kafka writes it: `User:name`. */
  readonly principal: string;
  readonly host: string;
  readonly operation: (typeof topicOperations)[number];
  readonly permission: 'ALLOW' | 'DENY';
}

/** A named type in a file of its own, which stands in the registry under a subject of its own. */
export interface SchemaReference {
  /** Full name of the type. */
  readonly name: string;
  /** `money.avsc` in the same folder, or `../<squad>/money.avsc`. */
  readonly file: string;
  /** The full name unless it is named. */
  readonly subject: string;
}

/** One topic as its owner declares it: `schemas/<squad>/<topic>.yaml`, checked, with defaults filled in. */
export interface TopicSpec {
  readonly topic: string;
  readonly owner: SquadName;
  /** Found on a cluster and not yet made its owner's: what our own rules ask of it is only told, and no defaults reach it. */
  readonly adopted?: true;
  readonly description: string;
  readonly partitions: number;
  readonly replicationFactor: number;
  /** Topic configuration in the broker's names and forms (`retention.ms` in milliseconds); what is not named is not ours. */
  readonly config: Readonly<Record<string, string>>;
  /** All of the topic is ours: configs that are not named go back to the broker's default, rights that do not follow are revoked. */
  readonly strict: boolean;
  /** Field of the value whose content is the record's key; a topic without it has keys of no declared meaning. */
  readonly key?: { readonly field: string; readonly doc: string };
  /** A topic without it carries values that no registry knows. */
  readonly schema?: {
    readonly file: string;
    readonly compatibility: CompatibilityLevel;
    readonly subject: string;
    /** Further subjects under which the same schema stands: names it had. */
    readonly aliases?: readonly string[];
    /** Types of files of their own that the schema, or one of these types, uses by name. */
    readonly references?: readonly SchemaReference[];
  };
  readonly classification: {
    readonly level: ClassificationLevel;
    /** Paths of the fields that hold personal data, such as `user` or `metrics.model`. */
    readonly personal: readonly string[];
    /** Paths of fields that look like personal data, were reviewed and are not. */
    readonly notPersonal?: readonly string[];
  };
  readonly producers: readonly ProducerReference[];
  readonly consumers: readonly ConsumerReference[];
  readonly acls: readonly TopicAcl[];
  /** The topic `<topic>.dlq`; there is one exactly if the topic has consumers. */
  readonly deadLetter?: { readonly partitions: number; readonly retentionMs: number };
  readonly deprecated?: { readonly since: string; readonly remove: string; readonly note: string };
}

// The message of a rule says what is allowed: whoever reports the issue adds what is wrong and where.
const reject = (ctx: z.RefinementCtx, path: PropertyKey[], message: string, allowed: string): void => {
  ctx.addIssue({ code: 'custom', path, message, params: { allowed } });
};

const text = z.string().trim().min(1);
const positive = z.int().min(1);
const serviceName = z
  .string()
  .regex(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/, 'lower-case words joined by hyphens, such as billing-meter');
const fileName = z.string().regex(/^[^/\\]+\.avsc$/, 'the name of an .avsc file in the same folder');
const typeName = z
  .string()
  .regex(/^[A-Za-z_]\w*(\.[A-Za-z_]\w*)+$/, 'the full name of a type, such as com.somastack.infra_ops.Money');
const referenceFile = z
  .string()
  .regex(
    /^(\.\.\/[a-z-]+\/)?[^/\\]+\.avsc$/,
    'the name of an .avsc file in the same folder, or ../<squad>/<name>.avsc',
  );
const day = z.iso.date('a date such as 2027-03-31');

/** Replicas of a partition: Kafka stores the number in 16 bits. */
export const replicationFactorSchema = positive.max(32_767);

/** Topic configuration as people write it; gives the broker's names and forms. */
export const configSchema = z
  .record(z.string(), z.union([z.string(), z.number(), z.boolean()], 'a text, a number, true or false'))
  .transform((config, ctx): Readonly<Record<string, string>> => {
    const entries = Object.entries(config).map(([name, value]): [string, string] => {
      const result = canonicalConfig(name, value);
      if (result.ok) return [name, result.value];
      const known = topicConfigNames.includes(name);
      reject(
        ctx,
        [name],
        known ? `${JSON.stringify(value)} is no value for it` : 'unknown topic configuration',
        result.allowed,
      );
      return [name, String(value)];
    });
    return Object.fromEntries(entries);
  });

const durationSchema = z.union([z.string(), z.number()], durationForm).transform((value, ctx): number => {
  const ms = parseDuration(value);
  if (ms === undefined) reject(ctx, [], `${JSON.stringify(value)} is no duration`, durationForm);
  return ms ?? 0;
});

const service = { service: serviceName, squad: z.enum(squads) };
const producer = z.strictObject({ ...service, transactionalId: serviceName.exactOptional() });
const consumer = z.strictObject({ ...service, group: serviceName.exactOptional() });
const acl = z.strictObject({
  principal: z.string().regex(/^[A-Za-z]+:.+$/, 'a principal such as User:billing-meter'),
  host: text.default('*'),
  operation: z.enum(topicOperations),
  permission: z.enum(['ALLOW', 'DENY']).default('ALLOW'),
});

interface WrittenSchema extends Omit<NonNullable<TopicSpec['schema']>, 'subject' | 'references'> {
  readonly subject?: string;
  readonly references?: readonly (Omit<SchemaReference, 'subject'> & { readonly subject?: string })[];
}

const filled = (topic: string, { references, ...schema }: WrittenSchema): TopicSpec['schema'] & object => ({
  ...schema,
  subject: schema.subject ?? `${topic}-value`,
  ...(references && { references: references.map((one) => ({ ...one, subject: one.subject ?? one.name })) }),
});

/** Checks a topic's YAML and fills in its defaults; unknown keys are errors. */
export const topicSpecSchema = z
  .strictObject({
    topic: z
      .string()
      .regex(/^[A-Za-z0-9._-]{1,245}$/, 'letters, digits, dots, hyphens and underscores, at most 245'),
    owner: z.enum(squads),
    adopted: z.literal(true).exactOptional(),
    description: text,
    partitions: positive,
    replicationFactor: replicationFactorSchema,
    config: configSchema.default({}),
    strict: z.boolean().default(false),
    key: z.strictObject({ field: text, doc: text }).exactOptional(),
    schema: z
      .strictObject({
        file: fileName,
        compatibility: z.enum(compatibilityLevels),
        subject: text.exactOptional(),
        aliases: z.array(text).exactOptional(),
        references: z
          .array(z.strictObject({ name: typeName, file: referenceFile, subject: text.exactOptional() }))
          .exactOptional(),
      })
      .exactOptional(),
    classification: z.strictObject({
      level: z.enum(classificationLevels),
      personal: z.array(text).default([]),
      notPersonal: z.array(text).exactOptional(),
    }),
    producers: z.array(producer).default([]),
    consumers: z.array(consumer).default([]),
    acls: z.array(acl).default([]),
    deadLetter: z
      .strictObject({ partitions: positive.default(1), retention: durationSchema.default(14 * 86_400_000) })
      .exactOptional(),
    deprecated: z.strictObject({ since: day, remove: day, note: text }).exactOptional(),
  })
  .transform(({ schema, deadLetter, consumers, ...spec }): TopicSpec => {
    const { partitions, retention } = deadLetter ?? { partitions: 1, retention: 14 * 86_400_000 };
    return {
      ...spec,
      ...(schema && { schema: filled(spec.topic, schema) }),
      consumers: consumers.map((reader) => ({ ...reader, group: reader.group ?? reader.service })),
      ...(consumers.length > 0 && { deadLetter: { partitions, retentionMs: retention } }),
    };
  });

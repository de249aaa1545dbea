import { z } from 'zod';
import { type quotaNames, type Quotas } from './quotas.js';
import { parseSize, sizeForm } from './quantity.js';
import { configSchema, replicationFactorSchema, type TopicSpec } from './topic-spec.js';

/** What an environment may say about a topic, in the place of what its spec says; `config` is merged name by name. */
export interface TopicOverride {
  readonly partitions?: number;
  readonly replicationFactor?: number;
  readonly config?: Readonly<Record<string, string>>;
}

/** What differs in one environment: `schemas/environments/<environment>.yaml`, checked. */
export interface Overlay {
  readonly environment: string;
  readonly description: string;
  /** How the environment's brokers are reached. */
  readonly kafka: { readonly tls: boolean };
  /** For every topic of the environment; a topic's own entry goes before it. */
  readonly defaults: TopicOverride;
  readonly topics: Readonly<Record<string, TopicOverride>>;
  /** What a service may ask of each broker, by service; a service or a limit that is not named is not ours. */
  readonly quotas: Quotas;
}

const override = z.strictObject({
  partitions: z.int().min(1).exactOptional(),
  replicationFactor: replicationFactorSchema.exactOptional(),
  config: configSchema.exactOptional(),
});

const rate = z.union([z.string(), z.number()], sizeForm).transform((value, ctx): number => {
  const bytes = parseSize(value) ?? -1;
  if (bytes > 0) return bytes;
  const message = `${JSON.stringify(value)} is no rate`;
  ctx.addIssue({ code: 'custom', message, params: { allowed: 'a size for each second such as 10MiB' } });
  return 0;
});
const limit = z.number().gt(0);
const quota = z.strictObject({
  producer_byte_rate: rate.exactOptional(),
  consumer_byte_rate: rate.exactOptional(),
  request_percentage: limit.exactOptional(),
  controller_mutation_rate: limit.exactOptional(),
} satisfies Record<(typeof quotaNames)[number], z.ZodType>);

/** Checks an overlay's YAML; unknown keys are errors. */
export const overlaySchema = z.strictObject({
  environment: z.string().regex(/^[a-z][a-z0-9-]*$/, 'lower-case letters, digits and hyphens'),
  description: z.string().trim().min(1),
  kafka: z.strictObject({ tls: z.boolean() }),
  defaults: override.default({}),
  topics: z.record(z.string(), override).default({}),
  quotas: z.record(z.string(), quota).default({}),
});

const overrideWith = (spec: TopicSpec, { config, ...numbers }: TopicOverride): TopicSpec => ({
  ...spec,
  ...numbers,
  config: { ...spec.config, ...config },
});

/**
 * The specs as an environment has them: spec, then the overlay's defaults, then the topic's own entry; the last word counts.
 * Defaults do not reach a topic that was adopted: it stays as it was found until its owner says otherwise.
 */
export const applyOverlay = (specs: readonly TopicSpec[], overlay: Overlay): readonly TopicSpec[] =>
  specs.map((spec) =>
    overrideWith(
      spec.adopted ? spec : overrideWith(spec, overlay.defaults),
      overlay.topics[spec.topic] ?? {},
    ),
  );

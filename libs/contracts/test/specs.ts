import fc from 'fast-check';
import type { TopicOverride } from '../src/overlay.js';
import { squads } from '../src/squads.js';
import { topicConfigNames } from '../src/topic-config.js';
import { type TopicSpec, topicSpecSchema } from '../src/topic-spec.js';

/** The least that a spec has to say, with what a test wants to add. */
export const written = (more: object = {}): object => ({
  topic: 'settings.changed',
  owner: 'identity-settings',
  description: 'Settings have a new version.',
  partitions: 6,
  replicationFactor: 3,
  classification: { level: 'internal' },
  ...more,
});

/** A spec as the catalogue holds it. */
export const spec = (more: object = {}): TopicSpec => topicSpecSchema.parse(written(more));

const names = fc.constantFrom('billing.events', 'policy.decisions', 'settings.changed', 'slm.requests');
const config = fc.dictionary(fc.constantFrom(...topicConfigNames), fc.nat().map(String), { maxKeys: 4 });

/** Specs with names of their own. */
export const specs: fc.Arbitrary<readonly TopicSpec[]> = fc.uniqueArray(
  fc
    .record({
      topic: names,
      owner: fc.constantFrom(...squads),
      partitions: fc.integer({ min: 1, max: 50 }),
      config,
    })
    .map(({ config: values, ...more }) => ({ ...spec(more), config: values })),
  { selector: ({ topic }) => topic },
);

/** What an overlay may say of one topic. */
export const override: fc.Arbitrary<TopicOverride> = fc.record(
  { partitions: fc.integer({ min: 1, max: 50 }), replicationFactor: fc.integer({ min: 1, max: 5 }), config },
  { requiredKeys: [] },
);

/** What an overlay may say of several topics. */
export const overrides = fc.dictionary(names, override);

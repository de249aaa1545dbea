import { aclChanges, quotaChanges } from './plan-access.js';
import { deletionChanges, type DeletionOptions } from './plan-deletions.js';
import { schemaChanges } from './plan-schemas.js';
import { needsData, topicChanges } from './plan-topics.js';
import type { Actual, Desired, Plan } from './types.js';

const noDeletions: DeletionOptions = { deletions: [], force: false, now: 0 };

/**
 * Every difference between catalogue and cluster, each once. What the catalogue does not name is not looked at:
 * nothing is ever deleted, shrunk or reset because it is undeclared.
 */
export const plan = (desired: Desired, actual: Actual, deletions: DeletionOptions = noDeletions): Plan => ({
  clusterId: actual.clusterId,
  changes: [
    ...topicChanges(desired.topics, actual),
    ...schemaChanges(desired.subjects, actual.subjects),
    ...aclChanges(desired, actual.acls),
    ...quotaChanges(desired.quotas, actual.quotas),
    ...deletionChanges(desired, actual, deletions),
  ],
});

/** Topics of which has to be known what they hold before the plan is complete. */
export const topicsToWeigh = ({ changes }: Plan): readonly string[] => [
  ...new Set(
    changes
      .filter(({ part, class: kind, before }) => part === 'topics' && needsData({ class: kind, before }))
      .map(({ resource }) => resource),
  ),
];

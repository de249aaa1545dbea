import type { TopicName } from '@soma/contracts';

/** Topics that the catalogue lets notification-feed read, and a rule may name. */
export const feedTopics = [
  'billing.events',
  'constitution.updated',
  'identity.audit',
  'infra.notifications',
  'policy.decisions',
  'settings.changed',
] as const satisfies readonly TopicName[];

/** One of {@link feedTopics}. */
export type FeedTopic = (typeof feedTopics)[number];

/** True if a rule may name this topic. */
export const isFeedTopic = (name: string): name is FeedTopic => feedTopics.some((topic) => topic === name);

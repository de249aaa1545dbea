import type { ReceivedEvent } from '@soma/kafka';
import type { TopicName } from '@soma/contracts';
import type { Notification } from './core/notification.js';
import { kafkaOrigin } from './core/origin.js';
import type { NotificationStore, WakeUp } from './ports.js';
import { storeAndWake } from './post.js';

/** Service name of a CloudEvents source such as `/soma/settings-api`. */
export const sourceOf = (event: ReceivedEvent): string =>
  event.cloudEvent?.source.split('/').at(-1) ?? 'unknown';

/**
 * Stores a batch of events as notifications, then wakes the streams; the caller commits offsets afterwards. Returns how
 * many were new.
 */
export const ingest = (store: NotificationStore, wakeUp: WakeUp) => {
  const append = storeAndWake(store, wakeUp);
  return async <T extends TopicName>(
    events: readonly ReceivedEvent<T>[],
    toNotification: (value: ReceivedEvent<T>['value'], source: string) => Notification,
  ): Promise<number> => {
    const placements = await append(
      events.map((event) => {
        const { physicalTopic: topic, partition, offset } = event;
        const coordinate = { topic, partition, offset };
        const notification = toNotification(event.value, sourceOf(event));
        return { origin: kafkaOrigin(coordinate), coordinate, notification };
      }),
    );
    return placements.filter(({ isNew }) => isNew).length;
  };
};

import { type EventOf } from '@soma/contracts';
import { EventConsumer, EventProducer, EventSerde, type ReceivedEvent } from '@soma/kafka';
import { uniqueName } from '@soma/testing';
import { logger, type Site } from './site.js';

type Notification = EventOf<'infra.notifications'>;

/** What arrives on infra.notifications of a site, from its first event on. */
export interface Received {
  readonly group: string;
  readonly all: readonly Notification[];
  /** Those about one topic, in brief: kind and `before → after`. */
  about(resource: string): string[];
  stop(): Promise<void>;
}

export const receive = (site: Site): Received => {
  const service = uniqueName('reader');
  const serde = new EventSerde(site.registry, site.kafka.topicPrefix);
  const producer = new EventProducer(site.kafka, { service, serde, logger });
  const all: Notification[] = [];
  const handle = ({ value }: ReceivedEvent): void => void all.push(value as Notification);
  const consumer = new EventConsumer(site.kafka, {
    service,
    group: service,
    serde,
    producer,
    logger,
    handlers: new Map([['infra.notifications', { kind: 'event', handle }]]),
  });
  consumer.start();
  return {
    group: consumer.group,
    all,
    about: (resource) =>
      all
        .filter(({ metadata }) => metadata['resource'] === resource)
        .map(({ kind, body }) => `${kind} ${/`\S+` → `\S+`/.exec(body)?.[0] ?? ''}`.replaceAll('`', '')),
    stop: async () => {
      await consumer.stop();
      await producer.close();
    },
  };
};

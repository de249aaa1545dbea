import type { DefaultedFields, EventTypes } from './generated/index.js';
import { topics } from './generated/index.js';

/** Name of a topic that has a generated event type. */
export type TopicName = keyof EventTypes;

/** The value of a record on topic `T`, as a consumer gets it. */
export type EventOf<T extends TopicName> = EventTypes[T];

/** The value of a record on topic `T`, as a producer may give it: fields that have a default in the schema can be left out. */
export type EventInput<T extends TopicName> = Omit<EventTypes[T], DefaultedFields[T]> &
  Partial<Pick<EventTypes[T], DefaultedFields[T] & keyof EventTypes[T]>>;

/** True if `name` is a topic with a generated event type. */
export const isTopicName = (name: string): name is TopicName => Object.hasOwn(topics, name);

/** The record key of an event: the content of the field that the topic's spec names as its key. */
export const eventKey = <T extends TopicName>(topic: T, event: EventInput<T>): string =>
  String((event as Readonly<Record<string, unknown>>)[topics[topic].key]);

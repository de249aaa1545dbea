import type { EventBlock } from './event-stream-parser.js';
import { FeedError } from '../errors.js';
import type { Gap, Notification } from '../feed.js';

/** What a block of the stream says; with the cursor behind it. */
export type Message =
  | { readonly type: 'notification'; readonly cursor: string; readonly notification: Notification }
  | { readonly type: 'gap'; readonly cursor: string; readonly gap: Gap }
  /** Nothing to give out: the place moves where the cursor is not empty. */
  | { readonly type: 'place'; readonly cursor: string };

/** Reads a block. What a newer feed may send besides moves the place and is otherwise left alone. Throws FeedError. */
export const messageOf = ({ id = '', type, data }: EventBlock): Message => {
  if (data === undefined || (type !== 'notification' && type !== 'gap')) return { type: 'place', cursor: id };
  const value = parse(data);
  if (type === 'gap') return { type, gap: value as Gap, cursor: id || (value as Gap).to };
  if (id === '') throw new FeedError('invalid-event', 'the feed sent a notification without an id');
  return { type, notification: value as Notification, cursor: id };
};

const parse = (data: string): unknown => {
  try {
    return JSON.parse(data);
  } catch (cause) {
    throw new FeedError('invalid-event', 'the feed sent an event that is no JSON', { cause });
  }
};

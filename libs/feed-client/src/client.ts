import type { NewNotification, Placement } from './feed.js';
import { type Page, type PageQuery, type PagesQuery, readPage, readPages } from './pages.js';
import { createSend, type FeedOptions, jsonOf } from './request.js';
import { type FeedItem, subscribe, type SubscribeOptions } from './subscribe.js';

export interface PublishOptions {
  /** The same key with the same notifications is stored once and answered as it was the first time. */
  readonly idempotencyKey?: string;
  readonly signal?: AbortSignal;
}

/** A feed, for one token. */
export interface FeedClient {
  /**
   * A squad's feed, in its order, without end. It reconnects by itself, and gives out nothing twice; the cursor is saved
   * when the next item is asked for, so a reader that was killed gets what it had not finished once more. It ends when the
   * signal comes, or when the loop is left.
   *
   * @throws FeedError if the feed refuses for good; FeedGapError for a gap that no `onGap` is there to hear of; what the
   * cursor store throws.
   */
  subscribe(options: SubscribeOptions): AsyncIterable<FeedItem>;
  /** @throws FeedError */
  page(query: PageQuery): Promise<Page>;
  /**
   * Page after page until there is nothing more: forward from `after`, which is the beginning if left out, or backward
   * from `before`.
   *
   * @throws FeedError; FeedGapError for a gap that no `onGap` is there to hear of.
   */
  pages(query: PagesQuery): AsyncIterable<Page>;
  /**
   * Stores one notification or up to 500: all or none. Answers their places, in the given order.
   *
   * @throws FeedError
   */
  publish(
    notifications: NewNotification | readonly NewNotification[],
    options?: PublishOptions,
  ): Promise<readonly Placement[]>;
}

export const createFeedClient = (options: FeedOptions): FeedClient => {
  const send = createSend(options);
  return {
    subscribe: (wanted) => subscribe(send, wanted),
    page: (query) => readPage(send, query),
    pages: (query) => readPages(send, query),
    publish: async (notifications, { idempotencyKey, signal } = {}) => {
      const response = await send({
        path: 'v1/notifications',
        query: {},
        ...(idempotencyKey !== undefined && { headers: { 'idempotency-key': idempotencyKey } }),
        body: notifications,
        signal,
      });
      return (await jsonOf<{ notifications: readonly Placement[] }>(response)).notifications;
    },
  };
};

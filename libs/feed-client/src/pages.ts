import { FeedGapError } from './errors.js';
import type { Gap, Notification, OnGap, Severity } from './feed.js';
import { jsonOf, type Send } from './request.js';

/** What a page is asked for. `after` reads forward, oldest first; otherwise newest first, `before` a cursor if there is one. */
export interface PageQuery {
  readonly squad: string;
  /** Cursor. */
  readonly after?: string | undefined;
  /** Cursor. */
  readonly before?: string | undefined;
  /** 1 to 500; 50 if left out. */
  readonly limit?: number | undefined;
  readonly kind?: string | undefined;
  readonly severity?: Severity | undefined;
  /** Kafka topic that it came from. */
  readonly topic?: string | undefined;
  /** Stored then or later. */
  readonly since?: Date | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface Page {
  readonly notifications: readonly Notification[];
  /** Behind it is what is not on this page yet: the next `after`. */
  readonly cursor: string;
  /** The next `before`; null when there is nothing older, and oldest first. */
  readonly older: string | null;
  /** What is missing in front of it. */
  readonly gap: Gap | undefined;
}

/** One page. Throws {@link FeedError}. */
export const readPage = async (send: Send, { signal, since, limit, ...query }: PageQuery): Promise<Page> => {
  const response = await send({
    path: 'v1/notifications',
    query: { ...query, limit: limit?.toString(), since: since?.toISOString() },
    signal,
  });
  const { gap, ...page } = await jsonOf<Omit<Page, 'gap'> & { readonly gap?: Gap }>(response);
  return { ...page, gap };
};

/** The end of a squad's feed as it is now. */
export const readHead = async (send: Send, squad: string, signal?: AbortSignal): Promise<string> =>
  (await readPage(send, { squad, limit: 1, signal })).cursor;

export interface PagesQuery extends PageQuery {
  readonly onGap?: OnGap | undefined;
}

/**
 * Page after page until there is nothing more: forward from `after` (from the beginning, if left out), or with `before`
 * backward.
 */
export async function* readPages(send: Send, { onGap, ...query }: PagesQuery): AsyncGenerator<Page> {
  const backward = query.before !== undefined;
  let cursor = backward ? query.before : (query.after ?? '0');
  for (;;) {
    const page = await readPage(send, { ...query, ...(backward ? { before: cursor } : { after: cursor }) });
    if (page.gap) {
      if (!onGap) throw new FeedGapError(page.gap);
      await onGap(page.gap);
    }
    if (page.notifications.length === 0) return;
    yield page;
    if (backward && page.older === null) return;
    cursor = backward ? (page.older ?? undefined) : page.cursor;
  }
}

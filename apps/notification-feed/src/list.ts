import { type Cursor, cursorText, type Gap, resume } from './core/cursor.js';
import type { Filter, NotificationStore, Page, StoredNotification } from './ports.js';

export interface ListQuery {
  readonly squad: string;
  readonly after?: Cursor | undefined;
  readonly before?: Cursor | undefined;
  readonly limit: number;
  readonly filter: Filter;
}

/** A page of a squad's feed, and where the next one begins. */
export interface Listed {
  readonly notifications: readonly StoredNotification[];
  readonly cursor: string;
  readonly older: string | null;
  readonly gap?: Gap | undefined;
}

/** Oldest first behind `after`, newest first otherwise. */
export const list = async (store: NotificationStore, query: ListQuery): Promise<Listed> =>
  query.after ? listAfter(store, query, query.after) : listBefore(store, query);

const listAfter = async (
  store: NotificationStore,
  { squad, limit, filter }: ListQuery,
  after: Cursor,
): Promise<Listed> => {
  const start = resume(after, await store.state());
  const { state, notifications } = await store.after(squad, start.position, limit, filter);
  const last = notifications.length === limit ? notifications.at(-1)?.position : undefined;
  const head = state.head > start.position ? state.head : start.position;
  return {
    notifications,
    cursor: cursorText(state.epoch, last ?? head),
    older: null,
    // Of the snapshot that the rows are of: what was dropped since the start was found counts, too.
    gap: resume(after, state).gap,
  };
};

const listBefore = async (
  store: NotificationStore,
  { squad, before, limit, filter }: ListQuery,
): Promise<Listed> => {
  const start = before && resume(before, await store.state());
  // A position of another epoch says nothing: the newest page, and a word about it.
  const foreign = start?.gap && start.gap.reason !== 'retention' ? start.gap : undefined;
  const { state, notifications }: Page = await store.before(
    squad,
    foreign ? undefined : before?.position,
    limit,
    filter,
  );
  const last = notifications.length === limit ? notifications.at(-1)?.position : undefined;
  return {
    notifications,
    cursor: cursorText(state.epoch, state.head),
    older: last === undefined ? null : cursorText(state.epoch, last),
    gap: foreign,
  };
};

import type { NotificationStore, StoredNotification, WakeUp } from './ports.js';

const pageSize = 500;

export interface FollowOptions {
  readonly squad: string;
  /** Cursor: only what comes after it. */
  readonly after: string;
  readonly signal: AbortSignal;
  /** How long to sleep, in milliseconds, when nobody wakes us; Redis may be away. */
  readonly pollMs: number;
}

/**
 * A squad's feed from a cursor on, page by page, without end: replay and live are the same query, so there is
 * no seam between them. Yields an empty page each time it wakes up and finds nothing.
 */
export async function* follow(
  store: NotificationStore,
  wakeUp: WakeUp,
  { squad, after, signal, pollMs }: FollowOptions,
): AsyncGenerator<readonly StoredNotification[]> {
  let cursor = after;
  let awake: boolean;
  let wake: () => void = () => undefined;
  const unsubscribe = wakeUp.onWake(() => {
    awake = true;
    wake();
  });
  const onAbort = (): void => wake();
  signal.addEventListener('abort', onAbort);
  try {
    while (!signal.aborted) {
      awake = false;
      const page = await store.after(squad, cursor, pageSize);
      cursor = page.at(-1)?.position ?? cursor;
      yield page;
      // A wake-up that came while the page was read or sent is not slept over.
      if (page.length < pageSize && !awake && !signal.aborted) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, pollMs);
          wake = () => {
            clearTimeout(timer);
            resolve();
          };
        });
      }
    }
  } finally {
    unsubscribe();
    signal.removeEventListener('abort', onAbort);
  }
}

import type { CursorStore } from './cursor-store.js';

/** Saves what was handled behind the reader's back: one save at a time, and of what waits meanwhile only the newest. */
export interface CursorWriter {
  /** @throws what the last save threw. */
  handled(cursor: string): void;
  /** Resolves when everything is saved; rejects with what a save threw. */
  flush(): Promise<void>;
}

export const createCursorWriter = (store: CursorStore | undefined): CursorWriter => {
  let waiting: string | undefined;
  let saving: Promise<void> | undefined;
  let failure: { readonly error: unknown } | undefined;
  const save = async (to: CursorStore): Promise<void> => {
    try {
      while (waiting !== undefined) {
        const cursor = waiting;
        waiting = undefined;
        await to.save(cursor);
      }
    } catch (error) {
      failure = { error };
    } finally {
      saving = undefined;
    }
  };
  const check = (): void => {
    if (failure) throw failure.error;
  };
  return {
    handled: (cursor) => {
      check();
      if (!store) return;
      waiting = cursor;
      saving ??= save(store);
    },
    flush: async () => {
      await saving;
      check();
    },
  };
};

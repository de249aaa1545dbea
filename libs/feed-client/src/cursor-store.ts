/** Where a reader keeps its place. */
export interface CursorStore {
  /** The cursor that was saved last; undefined if there is none. */
  load(): Promise<string | undefined>;
  save(cursor: string): Promise<void>;
}

/** A place that lasts as long as the object; `cursor` is where it begins. */
export const memoryCursorStore = (cursor?: string): CursorStore => {
  let kept = cursor;
  return {
    load: () => Promise.resolve(kept),
    save: (next) => {
      kept = next;
      return Promise.resolve();
    },
  };
};

/** A place below a key of `localStorage`, `sessionStorage`, or what else has these two methods. */
export const storageCursorStore = (
  storage: Pick<Storage, 'getItem' | 'setItem'>,
  key: string,
): CursorStore => ({
  // async: a storage that is full or forbidden throws, and a promise is what the reader waits for.
  load: async () => (await Promise.resolve(storage.getItem(key))) ?? undefined,
  save: async (cursor) => {
    await Promise.resolve(storage.setItem(key, cursor));
  },
});

import { memoryCursorStore, storageCursorStore } from './cursor-store.js';
import { createCursorWriter } from './cursor-writer.js';

describe('stores', () => {
  it('remember the last cursor', async () => {
    const memory = memoryCursorStore('1');
    expect(await memory.load()).toBe('1');
    await memory.save('2');
    expect(await memory.load()).toBe('2');
    expect(await memoryCursorStore().load()).toBeUndefined();
  });

  it('keep it below a key of a Storage, and say when that is full', async () => {
    const kept = new Map<string, string>();
    const storage = {
      getItem: (key: string) => kept.get(key) ?? null,
      setItem: (key: string, value: string) => {
        if (value === 'too much') throw new Error('full');
        kept.set(key, value);
      },
    };
    const store = storageCursorStore(storage, 'feed');
    expect(await store.load()).toBeUndefined();
    await store.save('e1.7');
    expect(await storageCursorStore(storage, 'feed').load()).toBe('e1.7');
    await expect(store.save('too much')).rejects.toThrow('full');
  });
});

describe('createCursorWriter', () => {
  it('saves one at a time, of those that wait the newest, and all of it before it is done', async () => {
    const saved: string[] = [];
    let open: () => void = () => undefined;
    const writer = createCursorWriter({
      load: () => Promise.resolve(undefined),
      save: async (cursor) => {
        if (saved.length === 0) await new Promise<void>((resolve) => (open = resolve));
        saved.push(cursor);
      },
    });
    for (const cursor of ['1', '2', '3', '4']) writer.handled(cursor);
    expect(saved).toEqual([]);
    open();
    await writer.flush();
    expect(saved).toEqual(['1', '4']);
    writer.handled('5');
    await writer.flush();
    expect(saved).toEqual(['1', '4', '5']);
  });

  it('does not hide that a save failed', async () => {
    const writer = createCursorWriter({
      load: () => Promise.resolve(undefined),
      save: () => Promise.reject(new Error('disk full')),
    });
    writer.handled('1');
    await expect(writer.flush()).rejects.toThrow('disk full');
    expect(() => writer.handled('2')).toThrow('disk full');
  });
});

import { open, readFile, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { CursorStore } from './cursor-store.js';

const ownerOnly = 0o600;

/** Writes to the disk, and not only to its cache, what `path` says. */
const sync = async (path: string): Promise<void> => {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
};

/**
 * A place in a file of one reader's own. A crash leaves the cursor before or the one after, and never half of one. A file
 * that cannot be read or written is an error.
 */
export const fileCursorStore = (path: string): CursorStore => ({
  load: async () => {
    try {
      const cursor = (await readFile(path, 'utf8')).trim();
      return cursor === '' ? undefined : cursor;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
  },
  save: async (cursor) => {
    const next = `${path}.next`;
    const handle = await open(next, 'w', ownerOnly);
    try {
      await handle.writeFile(`${cursor}\n`);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(next, path);
    await sync(dirname(path));
  },
});

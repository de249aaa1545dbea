import { closeSync, existsSync, fstatSync, openSync, readSync, renameSync, statSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

const tailBytes = 256 * 1024;

/** Starts a new log and keeps the one before as `<path>.1`. */
export const rotateLog = (path: string): void => {
  if (existsSync(path)) renameSync(path, `${path}.1`);
};

const readFrom = (path: string, offset: number): { text: string; end: number; inode: number } => {
  const file = openSync(path, 'r');
  try {
    const { size, ino } = fstatSync(file);
    const start = Math.max(0, offset < 0 ? size + offset : offset);
    const buffer = Buffer.alloc(Math.max(0, size - start));
    const read = readSync(file, buffer, 0, buffer.length, start);
    return { text: buffer.toString('utf8', 0, read), end: start + read, inode: ino };
  } finally {
    closeSync(file);
  }
};

/** The last lines of a log; empty if there is none. */
export const tailLog = (path: string, lines: number): string[] => {
  if (!existsSync(path)) return [];
  const all = readFrom(path, -tailBytes).text.split('\n');
  if (all.at(-1) === '') all.pop();
  return lines > 0 ? all.slice(-lines) : [];
};

/** The last `lines` of a log and then, with `follow`, each new one, over rotations too, until the consumer stops or `signal` aborts. */
export async function* readLog(
  path: string,
  options: { readonly lines?: number; readonly follow?: boolean; readonly signal?: AbortSignal } = {},
): AsyncGenerator<string> {
  let inode = existsSync(path) ? statSync(path).ino : 0;
  let offset = inode ? statSync(path).size : 0;
  yield* tailLog(path, options.lines ?? 50);
  let rest = '';
  while (options.follow && !options.signal?.aborted) {
    if (existsSync(path)) {
      const now = statSync(path);
      if (now.ino !== inode || now.size < offset) offset = 0;
      inode = now.ino;
      if (now.size > offset) {
        const chunk = readFrom(path, offset);
        offset = chunk.end;
        const lines = (rest + chunk.text).split('\n');
        rest = lines.pop() ?? '';
        yield* lines;
      }
    }
    await sleep(200, undefined, options.signal ? { signal: options.signal } : {}).catch(() => undefined);
  }
}

import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileCursorStore } from './node.js';

describe('fileCursorStore', () => {
  const folder = mkdtempSync(join(tmpdir(), 'soma-cursor-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  it('keeps a cursor for the next run, in a file that its owner alone can read', async () => {
    const path = join(folder, 'cursor');
    expect(await fileCursorStore(path).load()).toBeUndefined();
    await fileCursorStore(path).save('e1.41');
    await fileCursorStore(path).save('e1.42');
    expect(await fileCursorStore(path).load()).toBe('e1.42');
    expect(readFileSync(path, 'utf8')).toBe('e1.42\n');
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readdirSync(folder)).toEqual(['cursor']);
  });

  it('takes an empty file for no cursor, and a place that it cannot use for an error', async () => {
    const empty = join(folder, 'empty');
    writeFileSync(empty, '');
    expect(await fileCursorStore(empty).load()).toBeUndefined();
    await expect(fileCursorStore(folder).load()).rejects.toThrow('EISDIR');
    await expect(fileCursorStore(join(folder, 'no', 'such')).save('1')).rejects.toThrow('ENOENT');
  });
});

import { createHash } from 'node:crypto';
import { createReadStream, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { packageFile } from '../package-files.js';

/** A file and the SHA-256 it must have, in hex. */
export interface Checksum {
  readonly file: string;
  readonly sha256: string;
}

/** Reads the format of `sha256sum`; pure. Throws on a line that is none. */
export const parseChecksums = (text: string, where: string): Checksum[] =>
  text
    .split('\n')
    .map((line, index) => ({ line, number: index + 1 }))
    .filter(({ line }) => line.trim() !== '')
    .map(({ line, number }) => {
      const match = /^([0-9a-f]{64}) [ *](.+)$/.exec(line);
      if (!match?.[1] || !match[2])
        throw new Error(`${where}:${number}: expected "<sha256>  <file>", found "${line}"`);
      return { sha256: match[1], file: match[2] };
    });

/** The checked-in list of an artifact. */
export const checksumsOf = (artifact: string): Checksum[] => {
  const path = packageFile(`checksums/${artifact}.sha256`);
  return parseChecksums(readFileSync(path, 'utf8'), path);
};

/** SHA-256 of a file in hex, or undefined if it cannot be read. */
export const sha256Of = async (path: string): Promise<string | undefined> => {
  const hash = createHash('sha256');
  try {
    await pipeline(createReadStream(path, { highWaterMark: 1 << 20 }), hash);
    return hash.digest('hex');
  } catch {
    return undefined;
  }
};

/** The files of `folder` that are missing or differ from the list; empty when all is well. */
export const wrongFiles = async (folder: string, list: readonly Checksum[]): Promise<string[]> => {
  const wrong: string[] = [];
  for (const { file, sha256 } of list) {
    if ((await sha256Of(join(folder, file))) !== sha256) wrong.push(file);
  }
  return wrong;
};

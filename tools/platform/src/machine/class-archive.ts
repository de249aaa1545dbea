import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { readIfPresent } from '../files.js';
import { javaRelease } from './software.js';

/**
 * Java's class-data archive of a server: parsed and verified classes that later starts map instead of loading them again,
 * which halves the processor time of a start. The JVM ignores an archive that does not fit; it never fails because of one.
 */
export interface ClassArchive {
  /** Options that use the archive, or that write one when this process ends. */
  readonly options: (recorder: string | undefined) => string[];
  /** Whether a process that starts now would have to write the archive. */
  readonly isMissing: () => boolean;
  /** Puts what a process recorded in place. */
  readonly adopt: (recorder: string) => void;
}

/** The archive of one artifact for this Java and these very files. */
export const classArchive = async (
  cache: string,
  artifact: string,
  folder: string,
  java: string,
): Promise<ClassArchive> => {
  const archives = join(cache, 'class-archives');
  mkdirSync(archives, { recursive: true });
  const key = createHash('sha256')
    .update([await javaRelease(java), folder, readIfPresent(join(folder, 'manifest.json'))].join('\n'))
    .digest('hex')
    .slice(0, 12);
  const archive = join(archives, `${artifact}-${key}.jsa`);
  const draftOf = (recorder: string): string => `${archive}.${recorder}.draft`;
  return {
    isMissing: () => !existsSync(archive),
    options: (recorder) => {
      if (existsSync(archive)) return [`-XX:SharedArchiveFile=${archive}`];
      return recorder === undefined ? [] : [`-XX:ArchiveClassesAtExit=${draftOf(recorder)}`];
    },
    adopt: (recorder) => {
      const draft = draftOf(recorder);
      if (existsSync(archive)) rmSync(draft, { force: true });
      else if (existsSync(draft)) renameSync(draft, archive);
    },
  };
};

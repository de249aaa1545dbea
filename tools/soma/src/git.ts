import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** git would not do what was asked: its own words. */
export class GitError extends Error {
  override readonly name = 'GitError';
  readonly code = 'GIT_REFUSED';
}

/** Runs git in a directory, without a shell. Throws {@link GitError}. */
export const git = async (directory: string, ...args: readonly string[]): Promise<string> => {
  try {
    const { stdout } = await run('git', ['-C', directory, '-c', 'core.quotePath=false', ...args], {
      maxBuffer: 256 * 1024 * 1024,
    });
    return stdout;
  } catch (error) {
    const { stderr, message } = error as { stderr?: string; message: string };
    const words = (stderr ?? '').trim() || message;
    throw new GitError(words.replace(/^fatal: /, ''), { cause: error });
  }
};

/** A commit in which a file got a content. */
export interface FileVersion {
  readonly commit: string;
  /** The file within the repository as it was called then. */
  readonly path: string;
  /** Id of the content. */
  readonly blob: string;
}

/**
 * The contents that a file of the repository has had up to a commit, newest first, across renames. A copy is no rename:
 * what its original was before does not belong to it.
 */
export const fileHistory = async (
  directory: string,
  commit: string,
  path: string,
): Promise<readonly FileVersion[]> => {
  const log = await git(
    directory,
    'log',
    '--follow',
    '--raw',
    '--no-abbrev',
    '--format=commit %H',
    commit,
    '--',
    `:(top,literal)${path}`,
  );
  const versions: FileVersion[] = [];
  let at = '';
  for (const line of log.split('\n')) {
    if (line.startsWith('commit ')) at = line.slice(7);
    const change = /^:\d+ \d+ [0-9a-f]+ ([0-9a-f]+) ([A-Z])\d*\t(.+)$/.exec(line);
    const [, blob = '', status = '', paths = ''] = change ?? [];
    if (change && status !== 'D') versions.push({ commit: at, blob, path: paths.split('\t').at(-1) ?? '' });
    if (status === 'C') break;
  }
  return versions;
};

import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Root of the repository that this tool belongs to. */
export const repositoryRoot = fileURLToPath(new URL('../../../', import.meta.url));

/**
 * Paths of the files that belong to the repository: tracked, or new and not ignored, so that a page is checked
 * before its first commit. Throws if `root` is no Git work tree.
 */
export const repositoryFiles = (root: string): readonly string[] =>
  execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: root,
    encoding: 'utf8',
  })
    .split('\0')
    .filter((path) => path !== '' && existsSync(join(root, path)));

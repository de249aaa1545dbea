import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryFiles, repositoryRoot } from './repository-files.js';

/** A file with a NUL byte in its beginning is no text, as Git sees it, too. */
const isText = (path: string): boolean =>
  !readFileSync(join(repositoryRoot, path)).subarray(0, 8_000).includes(0);

const files = repositoryFiles(repositoryRoot).filter(isText);
const secretlint = join(repositoryRoot, 'node_modules', 'secretlint', 'bin', 'secretlint.js');
// Names come from Git and are no patterns: `--no-glob` keeps a bracket in one from hiding its file.
const { status, error } = spawnSync(process.execPath, [secretlint, '--no-glob', '--maskSecrets', ...files], {
  cwd: repositoryRoot,
  stdio: 'inherit',
});
if (error) throw error;
process.stdout.write(`${files.length} files, ${status === 0 ? 'no secret' : 'see above'}\n`);
process.exitCode = status === 0 ? 0 : 1;

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { type ShellBlock, shellBlocks } from './core/shell-blocks.js';
import { repositoryFiles, repositoryRoot } from './repository-files.js';
import { runShell } from './shell.js';

const limitMs = 300_000;

/** What people read first: the README and the pages in docs/. */
const userPages = (): readonly string[] =>
  repositoryFiles(repositoryRoot).filter((path) => path === 'README.md' || /^docs\/[^/]+\.md$/.test(path));

const indented = (text: string): string => text.trimEnd().replaceAll(/^/gm, '    ');

const place = ({ file, line }: ShellBlock): string => `${file}:${line}`;

const run = async (given: readonly string[], json: boolean): Promise<void> => {
  const pages = given.length > 0 ? given : userPages();
  const blocks = pages.flatMap((page) => shellBlocks(page, readFileSync(join(repositoryRoot, page), 'utf8')));
  const results = [];
  for (const block of blocks) {
    const result = await runShell(block.script, { cwd: repositoryRoot, limitMs });
    results.push({ ...block, ...result });
    if (json) continue;
    process.stdout.write(
      `${result.ok ? 'ok    ' : 'failed'}  ${place(block)} (${result.seconds.toFixed(1)} s)\n`,
    );
    process.stdout.write(`${indented(block.script)}\n`);
    if (!result.ok) process.stdout.write(`  it wrote:\n${indented(result.output)}\n`);
  }
  const failed = results.filter(({ ok }) => !ok).length;
  const verdict = `${results.length} block(s) of ${pages.length} page(s), ${failed} failed`;
  process.stdout.write(
    `${json ? JSON.stringify({ ok: failed === 0, blocks: results }, null, 2) : verdict}\n`,
  );
  process.exitCode = failed === 0 ? 0 : 1;
};

// An exit ends the running script, too.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(1));

await new Command('run-commands')
  .description(
    'runs the blocks tagged sh of the given pages, in order; of README.md and docs/*.md if none is given',
  )
  .argument('[page...]', 'pages, from the root of the repository')
  .option('--json', 'print the results as JSON')
  .addHelpText(
    'after',
    `
Exit codes: 0 every block ended with 0, 1 one did not. A platform with topics applied and services started must be up.

Example:
  npm exec -- node tools/lint-docs/dist/run-commands.js docs/topics.md`,
  )
  .action((pages: string[], { json = false }: { json?: boolean }) => run(pages, json))
  .parseAsync();

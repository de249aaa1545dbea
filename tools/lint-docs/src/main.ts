import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { checkDocuments, type Problem } from './core/check-documents.js';
import { repositoryFiles, repositoryRoot } from './repository-files.js';

const line = ({ file, line: at, rule, message }: Problem): string => `${file}:${at} ${rule}: ${message}`;

new Command('lint-docs')
  .description('checks every Markdown file: promise, links, no path of one machine, no registry address')
  .option('--json', 'print the problems as JSON')
  .addHelpText(
    'after',
    '\nExit codes: 0 nothing is wrong, 1 something is.\n\nExample:\n  npm exec -- node tools/lint-docs/dist/main.js',
  )
  .action(({ json = false }: { json?: boolean }) => {
    const files = repositoryFiles(repositoryRoot);
    const pages = files.filter((path) => path.endsWith('.md'));
    const documents = new Map(pages.map((path) => [path, readFileSync(join(repositoryRoot, path), 'utf8')]));
    const problems = checkDocuments({ documents, files });
    const ok = problems.length === 0;
    const verdict = `${documents.size} documents, ${problems.length} problem(s)`;
    process.stdout.write(
      `${json ? JSON.stringify({ ok, documents: documents.size, problems }, null, 2) : [...problems.map(line), verdict].join('\n')}\n`,
    );
    process.exitCode = ok ? 0 : 1;
  })
  .parse();

import { formatProblems, loadCatalogue } from '@soma/catalogue';
import { Command } from 'commander';
import { exitCodes } from '../exit.js';
import { print } from '../output.js';

const check = new Command('check')
  .description('check every topic, schema and overlay, and print all problems at once')
  .argument('[directory]', 'the catalogue', 'schemas')
  .option('--json', 'print the problems as JSON')
  .addHelpText(
    'after',
    `
Exit codes: 0 the catalogue is right (warnings may be told), 1 it is not.

Example:
  npx soma schemas check schemas --json`,
  )
  .action(async (directory: string, { json = false }: { json?: boolean }) => {
    const result = await loadCatalogue(directory);
    const topics = result.ok ? result.catalogue.topics.length : undefined;
    print(json, { ok: result.ok, topics, problems: result.problems }, () => {
      const problems = formatProblems(result.problems);
      const errors = result.problems.filter(({ severity }) => severity === 'error').length;
      const verdict = result.ok
        ? `${directory}: ${topics} topics, all right`
        : `${directory}: ${errors} error(s)`;
      return problems === '' ? verdict : `${problems}\n${verdict}`;
    });
    process.exitCode = result.ok ? exitCodes.ok : exitCodes.failed;
  });

export const schemasCommand = (): Command =>
  new Command('schemas').description('the catalogue of topics and event schemas').addCommand(check);

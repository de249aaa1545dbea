import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import { closingLine, type Counts } from './counts.js';
import { staticChecks } from './static-checks.js';
import { tests } from './tests.js';

const root = fileURLToPath(new URL('../../../', import.meta.url));

const close = (counts: Counts, json: string | undefined): void => {
  if (json !== undefined) writeFileSync(json, `${JSON.stringify(counts)}\n`);
  process.stdout.write(`${closingLine(counts)}\n`);
  process.exitCode = counts.failed > 0 || counts.passed === 0 ? 1 : 0;
};

const program = new Command('check')
  .description('runs every test and every check of the project')
  .addHelpText(
    'after',
    '\nExit codes: 0 nothing failed, 1 something did.\n\nExample:\n  npm test -- --testNamePattern "dead letter"',
  );

program
  .command('tests')
  .description('every test, on real servers that are started for it; arguments behind -- go to Jest')
  .option('--json <file>', 'write the counts to a file')
  .argument('[jest...]', 'arguments for Jest')
  .allowUnknownOption()
  .action(async (given: string[], { json }: { json?: string }) => close(await tests(root, given), json));

program
  .command('static')
  .description('types, lint, boundaries, format, unused code, documents, generated files, secrets')
  .option('--json <file>', 'write the counts to a file')
  .action(async ({ json }: { json?: string }) => close(await staticChecks(root), json));

await program.parseAsync();

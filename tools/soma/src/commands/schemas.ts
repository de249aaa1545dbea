import { Command, Option } from 'commander';
import { checkDirectory } from '../check-catalogue.js';
import { isRight, renderReport, type ReportFormat, reportFormats } from '../check-report.js';
import { exitCodes } from '../exit.js';
import { importCommand } from './schemas-import.js';

interface CheckOptions {
  readonly against?: string;
  readonly registry?: string | true;
  readonly format: ReportFormat;
  readonly json?: boolean;
}

const check = new Command('check')
  .description('check every topic, schema and overlay, and print all problems at once')
  .argument('[directory]', 'the catalogue', 'schemas')
  .option('--against <ref>', 'compare with the catalogue, and every version of its schemas, at a git ref')
  .option('--registry [url]', 'compare with the versions in a schema registry (default: SOMA_REGISTRY_URL)')
  .addOption(
    new Option('--format <format>', 'how to print the problems').choices(reportFormats).default('text'),
  )
  .option('--json', 'the same as --format json')
  .addHelpText(
    'after',
    `
Exit codes: 0 the catalogue is right (warnings and notes may be told), 1 it is not, 2 wrong usage, such as a ref that
does not exist.

Example:
  npx soma schemas check schemas --against origin/main --format github`,
  )
  .action(async (directory: string, { against, registry, format, json = false }: CheckOptions) => {
    const report = await checkDirectory(
      directory,
      { ...(against !== undefined && { ref: against }), ...(registry !== undefined && { registry }) },
      new Date().toISOString().slice(0, 10),
    );
    process.stdout.write(`${renderReport(report, json ? 'json' : format)}\n`);
    process.exitCode = isRight(report) ? exitCodes.ok : exitCodes.failed;
  });

export const schemasCommand = (): Command =>
  new Command('schemas')
    .description('the catalogue of topics and event schemas')
    .addCommand(check)
    .addCommand(importCommand());

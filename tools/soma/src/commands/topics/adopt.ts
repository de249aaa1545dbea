import { kafkaSettings, registrySettings } from '@soma/kafka';
import { isSquad, type SquadName, squads } from '@soma/contracts';
import {
  adopt,
  type Adoption,
  CatalogueUnusable,
  filesOf,
  UnknownEnvironmentError,
} from '@soma/topic-provisioner';
import { type Command, InvalidArgumentError } from 'commander';
import { requireCatalogue } from '../../catalogue.js';
import { kafkaConnection } from '../../connection.js';
import { CommandFailure, exitCodes } from '../../exit.js';
import { print } from '../../output.js';
import { command, type Options } from './options.js';
import { changeLines, count, view } from './view.js';

interface AdoptCommandOptions extends Options {
  readonly squad: SquadName;
  readonly match?: RegExp;
  readonly dryRun?: boolean;
}

const regex = (text: string): RegExp => {
  try {
    return new RegExp(text);
  } catch (error) {
    throw new InvalidArgumentError(`${(error as Error).message}; a regular expression such as ^orders\\.`);
  }
};

const squadName = (text: string): SquadName => {
  if (isSquad(text)) return text;
  throw new InvalidArgumentError(`"${text}" is none of ${squads.join(', ')}.`);
};

/** What an adoption did, for people. */
const text = (
  { adopted, skipped, declared, differences }: Adoption,
  { schemas, dryRun = false }: AdoptCommandOptions,
): string => {
  const verb = dryRun ? 'would write' : 'wrote';
  const topics = adopted.flatMap((spec) => [
    `${verb} ${filesOf(spec)
      .map(({ path }) => `${schemas}/${path}`)
      .join(' and ')}`,
    ...spec.notes.map((note) => `    ${note}`),
  ]);
  const verdict =
    differences.length === 0
      ? 'the next plan is empty for them'
      : `${changeLines(differences)}\nthe next plan is not empty for them: ${count(differences.length, 'difference')}`;
  return [
    ...topics,
    ...skipped.map(({ topic, reason }) => `skipped ${topic}: ${reason}`),
    `${count(adopted.length, 'topic')} adopted${dryRun ? ' if this were no dry run' : ''}, ` +
      `${skipped.length} skipped, ${declared.length} declared already`,
    ...(adopted.length > 0 ? [verdict] : []),
    ...(adopted.length > 0 && !dryRun
      ? ['now answer the lines marked "adopt:" in the files; `npx soma schemas check` tells the rest']
      : []),
  ].join('\n');
};

export const adoptCommand: Command = command(
  'adopt',
  'write spec files for topics that stand on the cluster and nobody declared; changes nothing on a server and no file that is there',
  '0 the next plan is empty for the adopted topics, 1 it is not, 2 wrong usage, 78 the catalogue has errors.',
  "npx soma topics adopt --match '^orders\\.' --squad infra-ops --dry-run",
)
  .requiredOption('--squad <squad>', `who adopts them: ${squads.join(', ')}`, squadName)
  .option('--match <regex>', 'only topics whose name, without the prefix, matches', regex)
  .option('--dry-run', 'write nothing, and say what would be written')
  .action(async (options: AdoptCommandOptions) => {
    const { schemas: directory, env: environment, squad, match, dryRun = false, json = false } = options;
    const catalogue = await requireCatalogue(directory);
    const connection = kafkaConnection();
    const adoption = await adopt({
      kafka: kafkaSettings(connection),
      registry: registrySettings(connection),
      ...{ catalogue, environment, directory, squad, dryRun },
      ...(match && { match }),
    }).catch((error: unknown) => {
      if (error instanceof UnknownEnvironmentError) throw new CommandFailure(error.message, exitCodes.usage);
      if (error instanceof CatalogueUnusable) throw new CommandFailure(error.message, exitCodes.config);
      throw error;
    });
    const { adopted, skipped, declared, differences } = adoption;
    const data = {
      dryRun,
      adopted: adopted.map((spec) => ({ topic: spec.topic, files: filesOf(spec), notes: spec.notes })),
      skipped,
      declared,
      differences: differences.map(view),
    };
    print(json, data, () => text(adoption, options));
    process.exitCode = differences.length === 0 ? exitCodes.ok : exitCodes.failed;
  });

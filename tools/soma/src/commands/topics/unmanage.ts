import { CatalogueUnusable, unmanage } from '@soma/topic-provisioner';
import { Command } from 'commander';
import { requireCatalogue, requireTopic } from '../../catalogue.js';
import { CommandFailure } from '../../exit.js';
import { print } from '../../output.js';

interface UnmanageOptions {
  readonly schemas: string;
  readonly json?: boolean;
}

export const unmanageCommand = new Command('unmanage')
  .description('take a topic out of the catalogue; its data, its rights and its subject stay where they are')
  .argument('<topic>', 'a topic of the catalogue')
  .option('--schemas <directory>', 'the catalogue', 'schemas')
  .option('--json', 'print the result as JSON')
  .addHelpText(
    'after',
    `
Exit codes: 0 the catalogue says nothing of it any more, 1 what is left would be wrong and nothing was changed,
2 there is no such topic, 78 the catalogue has errors.

Example:
  npx soma topics unmanage orders.created`,
  )
  .action(async (topic: string, { schemas, json = false }: UnmanageOptions) => {
    const catalogue = await requireCatalogue(schemas);
    requireTopic(catalogue, topic);
    const done = await unmanage(schemas, catalogue, topic).catch((error: unknown) => {
      throw error instanceof CatalogueUnusable ? new CommandFailure(error.message) : error;
    });
    const { remove: removed = [], rewrite = [], undeclared = {} } = done ?? {};
    const data = { topic, removed, rewritten: rewrite.map(({ path }) => path), undeclared };
    print(json, data, () =>
      [
        ...removed.map((path) => `removed ${schemas}/${path}`),
        ...data.rewritten.map((path) => `took ${topic} out of ${schemas}/${path}`),
        ...Object.entries(undeclared).flatMap(([principal, rights]) => [
          `${principal} has rights that are declared no more:`,
          ...rights.map((right) => `    ${right}`),
        ]),
        `no server was asked or changed: the topic ${topic}, its data, the rights on it and its subject stay`,
      ].join('\n'),
    );
  });

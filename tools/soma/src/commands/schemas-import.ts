import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  formatProblems,
  importSchema,
  type ImportedFile,
  inDirectory,
  readDirectory,
  type SourceFile,
} from '@soma/catalogue';
import { Command } from 'commander';
import { CommandFailure, exitCodes } from '../exit.js';
import { print } from '../output.js';

interface Options {
  readonly topic: string;
  readonly squad: string;
  readonly schemas: string;
  readonly json?: boolean;
}

/** Reads a file whose bytes are to be written again: text that is no UTF-8 would not be the same. */
const readExact = async (path: string): Promise<SourceFile> => {
  let bytes: Buffer;
  try {
    bytes = await readFile(path);
  } catch (error) {
    throw new CommandFailure(`${path} cannot be read: ${(error as Error).message}`, exitCodes.usage);
  }
  const text = bytes.toString('utf8');
  if (!Buffer.from(text).equals(bytes))
    throw new CommandFailure(`${path} is no UTF-8; allowed: a JSON file in UTF-8`);
  return { path, text };
};

const writeNew = async (directory: string, { path, text }: ImportedFile): Promise<string> => {
  const target = join(directory, path);
  await mkdir(join(target, '..'), { recursive: true });
  try {
    await writeFile(target, text, { flag: 'wx' });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new CommandFailure(code === 'EEXIST' ? `${target} is there already: it stays as it is` : message);
  }
  return target;
};

const advice = (spec: string): string =>
  `${spec}: look at description, partitions, what the key's order means, and classification; name producers and consumers`;

/** `soma schemas import`. */
export const importCommand = (): Command =>
  new Command('import')
    .description('make a topic of existing Avro: each schema byte for byte, and the smallest spec')
    .argument('<files...>', "the topic's schema, and the types it refers to, one a file")
    .requiredOption('--topic <name>', 'name of the topic')
    .requiredOption('--squad <squad>', 'squad that owns it')
    .option('--schemas <directory>', 'the catalogue', 'schemas')
    .option('--json', 'print the result as JSON')
    .addHelpText(
      'after',
      `
It overwrites nothing. What is left to fill in is told with file and line, and \`soma schemas check\` tells it again.

Exit codes: 0 the files are written, 1 they cannot be imported as they are, 2 wrong usage.

Example:
  npx soma schemas import old/order.avsc --topic orders.created --squad infra-ops`,
    )
    .action(async (paths: string[], { topic, squad, schemas, json = false }: Options) => {
      const files = await Promise.all(paths.map(readExact));
      const reading = await readDirectory(schemas);
      const result = importSchema({ files, topic, squad, catalogue: reading.ok ? reading.files : [] });
      if (!result.ok) throw new CommandFailure(`nothing is imported\n${formatProblems(result.problems)}`);
      const written: string[] = [];
      for (const file of result.files) written.push(await writeNew(schemas, file));
      const todo = inDirectory(schemas, result.todo);
      print(json, { files: written, todo }, () =>
        [
          ...written.map((file) => `wrote ${file}`),
          'to fill in:',
          advice(written[0] ?? schemas),
          ...(todo.length === 0 ? [] : [formatProblems(todo)]),
        ].join('\n'),
      );
    });

import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { generateEvent } from '@soma/catalogue';
import type { CatalogueTopic } from '@soma/contracts';
import { Command, InvalidArgumentError } from 'commander';
import { requireCatalogue, requireTopic } from '../catalogue.js';
import { kafkaConnection } from '../connection.js';
import { CommandFailure, exitCodes } from '../exit.js';
import { print } from '../output.js';
import { type Entry, produceEvents } from '../produce.js';

interface Options {
  readonly count: number;
  readonly seed: number;
  readonly rate?: number;
  readonly file?: string;
  readonly schemas: string;
  readonly json?: boolean;
}

const wholeNumber = (text: string): number => {
  const number = Number(text);
  if (!Number.isSafeInteger(number) || number < 0)
    throw new InvalidArgumentError('a whole number, 0 or more');
  return number;
};

/** Reproducible events whose times end about now. */
export function* generatedEntries(
  topic: CatalogueTopic,
  { count, seed }: Pick<Options, 'count' | 'seed'>,
): Generator<Entry> {
  const startAt = Date.now() - count * 10;
  for (let index = 0; index < count; index += 1) {
    const event = generateEvent(topic, seed, index, { startAt, interval: 10 });
    if (!event)
      throw new CommandFailure(`${topic.spec.topic} has no schema to make events from`, exitCodes.usage);
    yield { where: `event ${index}`, ...event };
  }
}

/** One JSON event a line; its key is the content of the topic's key field. */
async function* fromFile(topic: CatalogueTopic, file: string): AsyncGenerator<Entry> {
  const lines = createInterface({ input: createReadStream(file), crlfDelay: Infinity });
  let number = 0;
  for await (const line of lines) {
    number += 1;
    if (line.trim() === '') continue;
    const where = `${file}:${number}`;
    let value: unknown;
    try {
      value = JSON.parse(line);
    } catch (error) {
      throw new CommandFailure(`${where}: not JSON: ${(error as Error).message}`);
    }
    const key = topic.spec.key && (value as Record<string, unknown> | null)?.[topic.spec.key.field];
    yield { where, key: typeof key === 'string' ? key : null, value };
  }
}

const produce = new Command('produce')
  .description(
    'produce valid, varied, reproducible events of a topic, made from its schema or read from a file',
  )
  .argument('<topic>', 'a topic of the catalogue')
  .option('--count <n>', 'how many events to make', wholeNumber, 10)
  .option('--seed <n>', 'the same seed makes the same events', wholeNumber, 1)
  .option('--rate <n>', 'events a second; as fast as the brokers take them if left out', wholeNumber)
  .option('--file <path>', 'send these events instead, one JSON document a line')
  .option('--schemas <directory>', 'the catalogue', 'schemas')
  .option('--json', 'print the result as JSON')
  .addHelpText(
    'after',
    `
Exit codes: 0 every event is acknowledged, 1 one was refused (those before it are sent), 2 wrong usage, 78 wrong configuration.

Example:
  npx soma events produce settings.changed --count 1000 --seed 7`,
  )
  .action(async (name: string, options: Options) => {
    const connection = kafkaConnection();
    const topic = requireTopic(await requireCatalogue(options.schemas), name);
    const { file, rate, json = false } = options;
    const produced = await produceEvents({
      connection,
      service: 'soma-cli',
      topic,
      entries: file === undefined ? generatedEntries(topic, options) : fromFile(topic, file),
      ...(rate !== undefined && { rate }),
    });
    print(json, produced, () => {
      const { events, seconds, partitions } = produced;
      const spread = Object.entries(partitions).map(([partition, count]) => `${partition}: ${count}`);
      return `${events} event(s) acknowledged on ${name} in ${seconds.toFixed(2)} s (by partition ${spread.join(', ')})`;
    });
  });

export const eventsCommand = (): Command =>
  new Command('events').description('events of squad topics').addCommand(produce);

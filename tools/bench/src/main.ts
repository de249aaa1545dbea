import 'reflect-metadata';
import { writeFile } from 'node:fs/promises';
import { availableParallelism, loadavg } from 'node:os';
import { parseArguments } from './arguments.js';
import { readConnection } from './connection.js';
import type { Measurement } from './measurement.js';
import { formatTable } from './report.js';
import { consume } from './suites/consume.js';
import { feed } from './suites/feed.js';
import { serde } from './suites/serde.js';
import type { Suite } from './suites/suite.js';
import { fullSizes, topics } from './suites/topics.js';

const suites: Readonly<Record<string, Suite>> = { serde, consume, topics: topics(fullSizes), feed };
const names = Object.keys(suites);
const exitCodes = { measured: 0, couldNotMeasure: 1, usage: 2 };

const help = `Measures libs/kafka, the topic-provisioner and the feed against what they are built on, on the running platform.

usage: npm run bench -- [suite…] [--json FILE]

suites (all, if none is named)
  serde     encode and decode against avsc; what the schema cache keeps over 10 million events
  consume   the typed consumer and a Nest service against kafkajs' eachBatch
  topics    plan and apply of thousands of topics against the bare admin and registry calls; makes 10,000
            topics under a prefix of its own and removes them, also after Ctrl-C
  feed      Kafka → rows against COPY, catch-up against the bare driver, fan-out to 1,000 streams, idle streams

The platform is the one that SOMA_ variables or .soma/platform.env describe.
Exit codes: 0 measured, whatever holds · 1 could not measure · 2 wrong usage.

Example:
  npm run bench -- serde consume --json bench.json`;

/** Progress goes beside the table, so that standard output is the result alone. */
const progress = (text: string): void => {
  process.stderr.write(`${text}\n`);
};

const run = async (chosen: readonly string[], json: string | undefined): Promise<void> => {
  const connection = readConnection();
  const rows: Measurement[] = [];
  const [load = 0] = loadavg();
  if (load > availableParallelism())
    progress(`the machine is busy (load ${load.toFixed(1)}): numbers will be low, ratios rough`);
  for (const name of chosen) rows.push(...((await suites[name]?.(connection, progress)) ?? []));
  console.log(formatTable(rows));
  if (json !== undefined) await writeFile(json, `${JSON.stringify(rows, null, 2)}\n`);
};

const wanted = parseArguments(process.argv.slice(2), names);
if (wanted.kind === 'help') console.log(help);
else if (wanted.kind === 'wrong') {
  progress(`${wanted.message}\nnpm run bench -- --help shows how it is used`);
  process.exitCode = exitCodes.usage;
} else {
  try {
    await run(wanted.suites, wanted.json);
  } catch (error) {
    progress(`could not measure: ${error instanceof Error ? error.message : String(error)}`);
    process.exitCode = exitCodes.couldNotMeasure;
  }
}

import { fileURLToPath } from 'node:url';
import { down, logs, platformHome, reset, type ServerStatus, status, up } from '@soma/platform';
import { Command, InvalidArgumentError } from 'commander';
import { exitCodes } from '../exit.js';
import { print, table } from '../output.js';
import { progressLines } from '../progress.js';

interface JsonOption {
  readonly json?: boolean;
}

const supervisor = fileURLToPath(new URL('../supervisor.js', import.meta.url));

const mebibytes = (bytes: number | undefined): string =>
  bytes === undefined ? '–' : `${Math.round(bytes / 1_048_576)} MiB`;

const statusTable = (servers: readonly ServerStatus[]): string =>
  table([
    ['server', 'state', 'healthy', 'pid', 'ports', 'memory', ''],
    ...servers.map(({ name, state, exit, healthy, pid, ports, rssBytes, detail }) => [
      name,
      exit === undefined ? state : `${state} (${exit})`,
      healthy ? 'yes' : 'no',
      pid === undefined ? '–' : `${pid}`,
      Object.entries(ports)
        .map(([listener, port]) => `${listener} ${port}`)
        .join(', '),
      mebibytes(rssBytes),
      detail ?? '',
    ]),
  ]);

const json = (command: Command): Command => command.option('--json', 'print the result as JSON');

const say =
  ({ json: quiet = false }: JsonOption) =>
  (text: string): void => {
    if (!quiet) process.stdout.write(`${text}\n`);
  };

const upCommand = json(new Command('up'))
  .description(
    'start Kafka, the registry, Postgres, Redis, Prometheus and Alertmanager on this machine, and leave them running',
  )
  .addHelpText(
    'after',
    `
State lives in .soma of this checkout (SOMA_HOME: another place). SOMA_KAFKA_BROKERS, SOMA_REGISTRY_URL, SOMA_POSTGRES_URL
and SOMA_REDIS_URL name servers to use in the place of ours.
Exit codes: 0 everything is healthy, 1 something is not, and the message says what.

Example:
  npx soma up && npx soma status`,
  )
  .action(async (options: JsonOption) => {
    const platform = await up({
      home: platformHome(),
      supervisor: [process.execPath, supervisor],
      onProgress: progressLines(say(options)),
    });
    const servers = await platform.status();
    print(options.json ?? false, { home: platform.home, servers }, () => statusTable(servers));
  });

const downCommand = json(new Command('down'))
  .description('stop what `up` started; data stays')
  .addHelpText(
    'after',
    '\nExit codes: 0 nothing runs any more, also when nothing ran before.\n\nExample:\n  npx soma down',
  )
  .action(async (options: JsonOption) => {
    const ran = await down(platformHome(), progressLines(say(options)));
    print(options.json ?? false, { ran }, () => (ran ? 'the platform is down' : 'nothing was running'));
  });

const statusCommand = json(new Command('status'))
  .description('ask every server how it is')
  .addHelpText(
    'after',
    '\nExit codes: 0 everything is healthy, 1 something is not.\n\nExample:\n  npx soma status --json',
  )
  .action(async (options: JsonOption) => {
    const servers = await status(platformHome());
    print(options.json ?? false, { home: platformHome(), servers }, () => statusTable(servers));
    process.exitCode = servers.every(({ healthy }) => healthy) ? exitCodes.ok : exitCodes.failed;
  });

const lineCount = (text: string): number => {
  const number = Number(text);
  if (!Number.isSafeInteger(number) || number < 0)
    throw new InvalidArgumentError('a whole number, 0 or more');
  return number;
};

const logsCommand = json(new Command('logs'))
  .description('show the log of a server, or of the supervisor')
  .argument(
    '<server>',
    'kafka-1, kafka-2, kafka-3, registry, postgres, redis, prometheus, alertmanager or supervisor',
  )
  .option('--lines <n>', 'how many of its last lines', lineCount, 50)
  .option('--follow', 'go on as the server writes, until Ctrl-C')
  .addHelpText(
    'after',
    '\nExit codes: 0, or 1 when there is no such log.\n\nExample:\n  npx soma logs kafka-1 --lines 20',
  )
  .action(async (server: string, options: JsonOption & { lines: number; follow?: boolean }) => {
    const { lines, follow = false } = options;
    for await (const text of logs(platformHome(), server, { lines, follow })) {
      process.stdout.write(`${options.json ? JSON.stringify({ server, line: text }) : text}\n`);
    }
  });

const resetCommand = json(new Command('reset'))
  .description('stop the platform and remove all it kept: data, passwords, logs')
  .addHelpText(
    'after',
    '\nExit codes: 0 it is gone. Downloads stay in the cache.\n\nExample:\n  npx soma reset',
  )
  .action(async (options: JsonOption) => {
    const home = platformHome();
    await reset(home, progressLines(say(options)));
    print(options.json ?? false, { removed: home }, () => `removed ${home}`);
  });

export const platformCommands = (): Command[] => [
  upCommand,
  downCommand,
  statusCommand,
  logsCommand,
  resetCommand,
];

import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { CommandFailure, exitCodes } from '../exit.js';
import { feedAddress } from '../feed-address.js';
import { print } from '../output.js';
import { type Publication, publish } from '../publish.js';
import { fromWorkflowRun } from '../workflow-run.js';

interface Options {
  readonly squad: readonly string[];
  readonly kind?: string;
  readonly severity?: string;
  readonly title?: string;
  readonly body?: string;
  readonly link?: string;
  readonly key?: string;
  readonly file?: string;
  readonly workflowRun?: string;
  readonly url?: string;
  readonly tokenFile?: string;
  readonly json?: boolean;
}

const wrong = (problems: readonly string[]): CommandFailure =>
  new CommandFailure(problems.join('\n  '), exitCodes.usage);

const stdin = 0;
const read = (file: string): string => {
  try {
    return readFileSync(file === '-' ? stdin : file, 'utf8');
  } catch (error) {
    throw wrong([`${file} cannot be read: ${(error as Error).message}`]);
  }
};

const parse = (where: string, text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw wrong([`${where}: not JSON: ${(error as Error).message}`]);
  }
};

/** What the options say about a notification. */
const given = ({ squad, kind, severity, title, body, link, key }: Options): Publication =>
  Object.fromEntries(
    Object.entries({
      squads: squad.length > 0 ? squad : undefined,
      kind,
      severity,
      title,
      body,
      link,
      dedupe_key: key,
    }).filter(([, value]) => value !== undefined),
  );

const fromLines = (file: string, options: Options): Publication[] =>
  read(file)
    .split('\n')
    .map((line, index) => ({ line, where: `${file}:${index + 1}` }))
    .filter(({ line }) => line.trim() !== '')
    .map(({ line, where }) => {
      const value = parse(where, line);
      if (typeof value !== 'object' || value === null || Array.isArray(value))
        throw wrong([`${where}: not a JSON object`]);
      return { ...given(options), ...value };
    });

const fromWorkflow = (file: string, options: Options): Publication[] => {
  const result = fromWorkflowRun(parse(file, read(file)));
  if ('problems' in result) throw wrong([`${file} is no workflow_run event:`, ...result.problems]);
  return [{ ...result.notification, ...given(options) }];
};

const publications = (options: Options): Publication[] => {
  const { squad, kind, title, file, workflowRun } = options;
  const problems = [
    ...(file !== undefined && workflowRun !== undefined ? ['either --file or --workflow-run, not both'] : []),
    ...(file === undefined && squad.length === 0 ? ['--squad <name> is missing: whom it concerns'] : []),
    ...(file === undefined && workflowRun === undefined
      ? [
          ...(kind === undefined ? ['--kind <word> is missing: what happened, as in nightly.finished'] : []),
          ...(title === undefined ? ['--title <text> is missing: one line that says it'] : []),
        ]
      : []),
  ];
  if (problems.length > 0) throw wrong(problems);
  if (file !== undefined) return fromLines(file, options);
  if (workflowRun !== undefined) return fromWorkflow(workflowRun, options);
  return [given(options)];
};

const collect = (value: string, before: readonly string[]): readonly string[] => [...before, value];

export const publishCommand = new Command('publish')
  .description('store notifications in the feed, such as the result of a pipeline')
  .option('--squad <name>', 'whom it concerns; may be given more than once; * is everybody', collect, [])
  .option('--kind <word>', 'what happened, as a dotted word')
  .option('--severity <level>', 'info, warning, error or critical; info if left out')
  .option('--title <text>', 'one line that makes sense without the body')
  .option('--body <text>', 'details in Markdown')
  .option('--link <url>', 'page to look at')
  .option('--key <text>', 'stored once per key and token, however often it is sent')
  .option('--file <path>', 'notifications, one JSON object a line; - is standard input; options fill gaps')
  .option('--workflow-run <path>', "GitHub's workflow_run event of a run that has ended; - is standard input")
  .option('--url <url>', 'address of the notification-feed; that of `npm start` if left out')
  .option('--token-file <path>', 'file with a bearer token; that of `npm start` if left out')
  .option('--json', 'print the result as JSON')
  .addHelpText(
    'after',
    `
Exit codes: 0 stored or there already, 1 the feed refused or does not answer, 2 wrong usage, 78 no feed or no token.

Example:
  npx soma feed publish --squad infra-ops --kind nightly.finished --title 'Nightly passed' --key nightly/2026-06-01`,
  )
  .action(async (options: Options) => {
    const wanted = publications(options);
    const notifications = await publish(feedAddress(options), wanted);
    print(options.json ?? false, { notifications }, () =>
      notifications
        .map((one) => `${one.new ? 'stored' : 'there already'} at position ${one.position}`)
        .join('\n'),
    );
  });

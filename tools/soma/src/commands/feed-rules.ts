import { readFile } from 'node:fs/promises';
import { formatProblems } from '@soma/catalogue';
import {
  allRules,
  type Decided,
  emptyState,
  evaluate,
  loadRules,
  type LoadedRules,
  readRuleFiles,
  type RuleOutcome,
} from '@soma/notification-feed';
import { Command } from 'commander';
import { CommandFailure, exitCodes } from '../exit.js';
import { print } from '../output.js';
import { readEventLines } from '../rule-events.js';

const load = async (directory: string): Promise<LoadedRules> => {
  try {
    return loadRules(await readRuleFiles(directory));
  } catch (error) {
    throw new CommandFailure(
      `${directory} cannot be read: ${(error as Error).message}; allowed: a directory with <squad>.yaml`,
      exitCodes.usage,
    );
  }
};

const plural = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;

const check = new Command('check')
  .description('check every rule of a directory, and print all problems at once')
  .argument('[directory]', 'the rules', 'infra/feed')
  .option('--json', 'print the result as JSON')
  .addHelpText(
    'after',
    `
Exit codes: 0 every rule is right, 1 one is not, 2 wrong usage, such as a directory that does not exist.

Example:
  npx soma feed rules check infra/feed`,
  )
  .action(async (directory: string, { json = false }: { json?: boolean }) => {
    const { rules, problems } = await load(directory);
    const found = allRules(rules);
    print(json, { ok: problems.length === 0, rules: found.map(({ id }) => id), problems }, () =>
      problems.length === 0
        ? `${directory}: ${plural(found.length, 'rule')}, all right`
        : `${formatProblems(problems)}\n${directory}: ${plural(problems.length, 'error')}`,
    );
    process.exitCode = problems.length === 0 ? exitCodes.ok : exitCodes.failed;
  });

interface TestOptions {
  readonly events: string;
  readonly rules: string;
  readonly json?: boolean;
}

/** What would become of one line. */
interface Result {
  readonly line: number;
  readonly notifications: readonly Decided[];
  readonly outcomes: readonly RuleOutcome[];
}

const told = (line: number, { notification, heldUntil }: Decided): string => {
  const { severity, kind, squads, title, body, link } = notification;
  const held = heldUntil === undefined ? '' : `, held until ${new Date(heldUntil).toISOString()}`;
  const rest = [...body.split('\n'), ...(link === null ? [] : [link])].filter((text) => text !== '');
  return [
    `line ${line}: ${severity} ${kind} to ${squads.join(', ')}${held}: ${title}`,
    ...rest.map((text) => `  ${text}`),
  ].join('\n');
};

const asText = (results: readonly Result[]): string => {
  const lines = results.flatMap(({ line, notifications, outcomes }) => [
    ...notifications.map((one) => told(line, one)),
    ...outcomes.flatMap(({ rule, outcome, error }) => {
      if (outcome === 'failed') return [`line ${line}: ${rule} failed: ${error}`];
      return outcome === 'dropped' || outcome === 'limited' ? [`line ${line}: ${rule} ${outcome}`] : [];
    }),
  ]);
  const sent = results.reduce((sum, { notifications }) => sum + notifications.length, 0);
  return [...lines, `${plural(results.length, 'event')}, ${plural(sent, 'notification')}`].join('\n');
};

const test = new Command('test')
  .description('show what rules would send for the events of a file; nothing is sent')
  .requiredOption('--events <file>', 'events, one a line: {"topic", "value", "key"?, "at"?, "headers"?}')
  .option('--rules <directory>', 'the rules', 'infra/feed')
  .option('--json', 'print the result as JSON')
  .addHelpText(
    'after',
    `
Time is what the events say: their "at", or the field "at" of their value.
Exit codes: 0 every rule could be asked, 1 a rule file or an event is wrong or a rule failed for an event, 2 wrong usage,
such as a file that does not exist.

Example:
  npx soma feed rules test --events infra/feed/examples/events.jsonl`,
  )
  .action(async ({ events: file, rules: directory, json = false }: TestOptions) => {
    const { rules, problems } = await load(directory);
    const text = await readFile(file, 'utf8').catch((error: Error) => {
      throw new CommandFailure(`${file} cannot be read: ${error.message}`, exitCodes.usage);
    });
    const read = readEventLines(file, text);
    const wrong = [...(problems.length > 0 ? [formatProblems(problems)] : []), ...read.problems];
    if (wrong.length > 0) throw new CommandFailure(wrong.join('\n'));
    const active = allRules(rules);
    let state = emptyState;
    const results = read.events.map(({ line, event }): Result => {
      const decision = evaluate(active, event, state, event.at);
      ({ state } = decision);
      return { line, notifications: decision.notifications, outcomes: decision.outcomes };
    });
    print(json, { events: results }, () => asText(results));
    const failed = results.some(({ outcomes }) => outcomes.some(({ outcome }) => outcome === 'failed'));
    process.exitCode = failed ? exitCodes.failed : exitCodes.ok;
  });

/** `soma feed rules`. */
export const feedRulesCommand = (): Command =>
  new Command('rules').description("the feed's rules").addCommand(check).addCommand(test);

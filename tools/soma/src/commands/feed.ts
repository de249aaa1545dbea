import { Command } from 'commander';
import { feedAddress } from '../feed-address.js';
import { feedLine, tailFeed } from '../feed.js';
import { publishCommand } from './feed-publish.js';
import { feedRulesCommand } from './feed-rules.js';

interface Options {
  readonly squad: string;
  readonly url?: string;
  readonly tokenFile?: string;
  readonly since?: string;
  readonly count?: string;
  readonly json?: boolean;
}

const tail = new Command('tail')
  .description("print a squad's notifications as they come, until Ctrl-C")
  .requiredOption('--squad <name>', 'whose feed')
  .option('--since <position>', 'begin behind this position; 0 is the beginning')
  .option('--count <n>', 'end after so many')
  .option('--url <url>', 'address of the notification-feed; that of `npm start` if left out')
  .option('--token-file <path>', 'file with a bearer token; that of `npm start` if left out')
  .option('--json', 'one JSON document a line')
  .addHelpText(
    'after',
    `
Exit codes: 0 ended by you or by --count, 1 the feed refused, 78 no feed or no token.

Example:
  npx soma feed tail --squad identity-settings --since 0 --count 5`,
  )
  .action(async (options: Options) => {
    const { squad, since, count, json = false } = options;
    const ending = new AbortController();
    process.once('SIGINT', () => ending.abort());
    process.once('SIGTERM', () => ending.abort());
    let left = count === undefined ? Infinity : Number(count);
    const notifications = tailFeed({
      ...feedAddress(options),
      squad,
      ...(since !== undefined && { since }),
      signal: ending.signal,
    });
    for await (const notification of notifications) {
      process.stdout.write(`${json ? JSON.stringify(notification) : feedLine(notification)}\n`);
      left -= 1;
      if (left <= 0) ending.abort();
      if (ending.signal.aborted) break;
    }
  });

export const feedCommand = (): Command =>
  new Command('feed')
    .description('the notification feed')
    .addCommand(tail)
    .addCommand(publishCommand)
    .addCommand(feedRulesCommand());

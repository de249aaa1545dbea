import {
  createFeedClient,
  type CursorStore,
  type FeedClient,
  FeedError,
  type FeedItem,
  type Gap,
} from '@soma/feed-client';
import { fileCursorStore } from '@soma/feed-client/node';
import { Command } from 'commander';
import { CommandFailure, exitCodes } from '../exit.js';
import { feedAddress } from '../feed-address.js';
import { feedLine, gapLine } from '../feed-line.js';
import { createPrinter } from '../printer.js';
import { type TailPlan, tailPlan, type TailWords } from '../tail-plan.js';

interface Options extends TailWords {
  readonly squad: string;
  readonly follow: boolean;
  readonly cursorFile?: string;
  readonly url?: string;
  readonly tokenFile?: string;
  readonly json?: boolean;
}

interface Reading {
  readonly squad: string;
  readonly from: TailPlan['from'];
  readonly cursor: CursorStore | undefined;
  readonly onGap: (gap: Gap) => Promise<void>;
  readonly signal: AbortSignal;
}

/** What comes, without end. A feed that is not there at the beginning is an error; later it is waited for. */
async function* live(feed: FeedClient, reading: Reading): AsyncGenerator<FeedItem> {
  await feed.page({ squad: reading.squad, limit: 1, signal: reading.signal });
  yield* feed.subscribe(reading);
}

/** What is there now. */
async function* stored(
  feed: FeedClient,
  { squad, from, cursor, onGap, signal }: Reading,
): AsyncGenerator<FeedItem> {
  const place = (await cursor?.load()) ?? (typeof from === 'string' ? from : undefined);
  const since = place === undefined && from instanceof Date ? from : undefined;
  for await (const page of feed.pages({ squad, after: place, since, limit: 500, onGap, signal })) {
    const [epoch] = page.cursor.split('.');
    for (const notification of page.notifications)
      yield { cursor: `${epoch}.${notification.position}`, notification };
    await cursor?.save(page.cursor);
  }
}

const tail = async (options: Options): Promise<void> => {
  const plan = tailPlan(options, Date.now());
  if ('problems' in plan) throw new CommandFailure(plan.problems.join('\n  '), exitCodes.usage);
  const { squad, follow, cursorFile, json = false } = options;
  const feed = createFeedClient(feedAddress(options));
  const leaving = new AbortController();
  const { signal } = leaving;
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => leaving.abort());
  const printer = createPrinter(leaving);
  const cursor = cursorFile === undefined ? undefined : fileCursorStore(cursorFile);
  const onGap = async (gap: Gap): Promise<void> => {
    process.stderr.write(`soma: ${gapLine(gap)}\n`);
    if (json) await printer.line(JSON.stringify({ gap }));
  };
  const reading = { squad, from: plan.from, cursor, onGap, signal };
  let left = plan.count;
  try {
    for await (const item of (follow ? live : stored)(feed, reading)) {
      if (!plan.wanted(item.notification)) continue;
      await printer.line(json ? JSON.stringify(item) : feedLine(item.notification));
      left -= 1;
      if (left > 0) continue;
      // The loop is left without asking for the next one, which is what would save it.
      await cursor?.save(item.cursor);
      break;
    }
  } catch (error) {
    if (signal.aborted) return;
    throw error instanceof FeedError ? new CommandFailure(error.message) : error;
  }
};

export const tailCommand = new Command('tail')
  .description("print a squad's notifications as they come, until Ctrl-C")
  .requiredOption('--squad <name>', 'whose feed')
  .option('--since <time>', 'begin at a time, as RFC 3339 or as how long ago: 30m, 2h, 7d')
  .option('--after <cursor>', 'begin behind this cursor; 0 is the beginning')
  .option('--count <n>', 'end after so many')
  .option('--severity <level>', 'only what is at least as severe: info, warning, error or critical')
  .option('--kind <pattern>', 'only these kinds; * stands for anything, as in alert.*')
  .option('--no-follow', 'print what is there, from the beginning unless told, and end')
  .option('--cursor-file <path>', 'go on behind the cursor in this file if there is one, and keep it there')
  .option('--url <url>', 'address of the notification-feed; that of `npm start` if left out')
  .option('--token-file <path>', 'file with a bearer token; that of `npm start` if left out')
  .option('--json', 'one JSON object a line: {"cursor", "notification"}, or {"gap"}')
  .addHelpText(
    'after',
    `
A part of the feed that is missing is told on standard error. A feed that goes away is waited for.
Exit codes: 0 ended by you, by --count or by --no-follow, 1 the feed refused or does not answer, 2 wrong usage,
78 no feed or no token.

Example:
  npx soma feed tail --squad identity-settings --after 0 --severity warning --no-follow`,
  )
  .action(tail);

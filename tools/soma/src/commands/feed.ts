import { Command } from 'commander';
import { publishCommand } from './feed-publish.js';
import { feedRulesCommand } from './feed-rules.js';
import { tailCommand } from './feed-tail.js';

export const feedCommand = (): Command =>
  new Command('feed')
    .description('the notification feed')
    .addCommand(tailCommand)
    .addCommand(publishCommand)
    .addCommand(feedRulesCommand());

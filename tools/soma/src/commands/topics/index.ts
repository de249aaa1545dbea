import { Command } from 'commander';
import { applyCommand } from './apply.js';
import { planCommand } from './plan.js';
import { verifyCommand } from './verify.js';

export const topicsCommand = (): Command =>
  new Command('topics')
    .description('topics, schemas, ACLs and quotas of a cluster, as the catalogue declares them')
    .addCommand(planCommand)
    .addCommand(applyCommand)
    .addCommand(verifyCommand);

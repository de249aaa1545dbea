import { Command } from 'commander';
import { adoptCommand } from './adopt.js';
import { applyCommand } from './apply.js';
import { planCommand } from './plan.js';
import { unmanageCommand } from './unmanage.js';
import { verifyCommand } from './verify.js';

export const topicsCommand = (): Command =>
  new Command('topics')
    .description('topics, schemas, ACLs and quotas of a cluster, as the catalogue declares them')
    .addCommand(planCommand)
    .addCommand(applyCommand)
    .addCommand(verifyCommand)
    .addCommand(adoptCommand)
    .addCommand(unmanageCommand);

import 'reflect-metadata';
import { Command, CommanderError } from 'commander';
import { eventsCommand } from './commands/events.js';
import { feedCommand } from './commands/feed.js';
import { platformCommands } from './commands/platform.js';
import { schemasCommand } from './commands/schemas.js';
import { startCommand } from './commands/start.js';
import { topicsCommand } from './commands/topics/index.js';
import { CommandFailure, exitCodes } from './exit.js';

const program = new Command('soma')
  .description('operates a Soma environment: local platform, catalogue, topics, events, feed')
  .showHelpAfterError('(add --help for usage)')
  .addHelpText('after', '\nExample:\n  npx soma up && npx soma topics apply && npx soma topics verify');
for (const command of platformCommands()) program.addCommand(command);
for (const command of [startCommand(), schemasCommand(), topicsCommand(), eventsCommand(), feedCommand()]) {
  program.addCommand(command);
}

/** commander ends the process itself, with 1, unless told otherwise at every level. */
const overrideExit = (command: Command): void => {
  command.exitOverride();
  command.commands.forEach((child) => overrideExit(child));
};
overrideExit(program);

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
  } else {
    const { message } = error as Error;
    process.stderr.write(`soma: ${message}\n`);
    process.exitCode = error instanceof CommandFailure ? error.exitCode : exitCodes.failed;
  }
}

import {
  type ChangeClass,
  changeClasses,
  type PlanPart,
  planParts,
  type Request,
} from '@soma/topic-provisioner';
import { Command, InvalidArgumentError } from 'commander';

/** What every command that looks at a cluster takes. */
export interface Options {
  readonly env: string;
  readonly schemas: string;
  readonly json?: boolean;
}

/** What every command that selects from a plan takes. */
export interface SelectionOptions extends Options {
  readonly only?: PlanPart[];
  readonly allow?: ChangeClass[];
  readonly delete?: string[];
  readonly force?: boolean;
}

/** Values of a list such as `topics,acls`, each one of those that there are. */
const listOf =
  <T extends string>(known: readonly T[]) =>
  (text: string): T[] =>
    text.split(',').map((word) => {
      const found = known.find((one) => one === word.trim());
      if (found === undefined) throw new InvalidArgumentError(`"${word}" is none of ${known.join(', ')}.`);
      return found;
    });

const collect = (value: string, before: string[] = []): string[] => [...before, value];

/** A subcommand of `topics` with what all of them share. */
export const command = (name: string, description: string, codes: string, example: string): Command =>
  new Command(name)
    .description(description)
    .option('--env <name>', 'overlay in schemas/environments', 'local')
    .option('--schemas <directory>', 'the catalogue', 'schemas')
    .option('--json', 'print the result as JSON')
    .addHelpText('after', `\nExit codes: ${codes}\n\nExample:\n  ${example}`);

/** Adds the filters over a plan. */
export const withSelection = (command: Command): Command => {
  const allowed = changeClasses.filter((kind) => ['unsafe', 'destructive', 'unknown'].includes(kind));
  return command
    .option('--only <parts>', `parts of the plan: ${planParts.join(', ')}`, listOf(planParts))
    .option('--allow <classes>', `classes besides create and safe: ${allowed.join(', ')}`, listOf(allowed))
    .option('--delete <topic>', 'delete this topic with all that it holds; may be given again', collect)
    .option('--force', 'delete also what is in use or younger than its retention');
};

/** What the options ask for, as a plan and an apply take it. */
export const requestOf = ({
  only,
  allow,
  delete: deletions = [],
  force = false,
}: SelectionOptions): Request => ({
  ...(only && { only }),
  ...(allow && { allow }),
  deletions,
  force,
});

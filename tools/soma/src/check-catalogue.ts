import {
  catalogueAgreement,
  checkFiles,
  inDirectory,
  type Problem,
  readDirectory,
  sortProblems,
  type SourceFile,
  type TopicBefore,
  wholeFile,
} from '@soma/catalogue';
import { registrySettings, SchemaRegistry } from '@soma/kafka';
import type { CheckReport } from './check-report.js';
import { registryConnection } from './connection.js';
import { CommandFailure, exitCodes } from './exit.js';
import { type Baseline, gitBaseline } from './git-baseline.js';
import { registryBaseline } from './registry-baseline.js';

/** What a check compares the catalogue with; nothing if both are left out. */
export interface CheckAgainst {
  /** A branch, tag or commit of the repository that the catalogue lies in. */
  readonly ref?: string;
  /** URL of a schema registry; `true`: the one of the environment, or of the local platform. */
  readonly registry?: string | true;
}

interface Compared {
  readonly against: string;
  readonly before: ReadonlyMap<string, TopicBefore>;
  readonly problems: readonly Problem[];
}

const warning = (file: string, message: string, allowed: string): Problem =>
  wholeFile(file, message, allowed, 'warning');

const incomplete = (directory: string, ref: string, { unread, shallow }: Baseline): readonly Problem[] => [
  ...(shallow
    ? [
        warning(
          directory,
          'this clone has not all commits: versions of schemas before them were not compared',
          'a full clone, such as `git fetch --unshallow`, or `fetch-depth: 0` for actions/checkout',
        ),
      ]
    : []),
  ...inDirectory(
    directory,
    unread.map((file) =>
      warning(
        file,
        `the spec of this name at ${ref} cannot be read: its topic was not compared`,
        'a ref whose specs have the form of today',
      ),
    ),
  ),
];

const compare = async (
  directory: string,
  files: readonly SourceFile[],
  { ref, registry }: CheckAgainst,
): Promise<Compared | undefined> => {
  if (ref !== undefined) {
    const baseline = await gitBaseline(directory, ref);
    return { against: ref, before: baseline.before, problems: incomplete(directory, ref, baseline) };
  }
  if (registry === undefined) return undefined;
  const connection = registryConnection(registry === true ? undefined : registry);
  const before = await registryBaseline(
    new SchemaRegistry(registrySettings(connection)),
    files,
    connection.SOMA_TOPIC_PREFIX,
  );
  return { against: connection.SOMA_REGISTRY_URL, before, problems: [] };
};

/**
 * Checks a catalogue's directory and, if asked, what its changes mean for those who share the topics. `today`:
 * `2027-03-31`. Throws `CommandFailure` for a ref or a URL that is none, and what the registry's client throws.
 */
export const checkDirectory = async (
  directory: string,
  against: CheckAgainst,
  today: string,
): Promise<CheckReport> => {
  if (against.ref !== undefined && against.registry !== undefined)
    throw new CommandFailure('--against and --registry exclude each other', exitCodes.usage);
  const reading = await readDirectory(directory);
  if (!reading.ok) return { directory, problems: [reading.problem] };
  const { files } = reading;
  const result = checkFiles(files, { today });
  const compared = await compare(directory, files, against);
  const agreement = compared ? catalogueAgreement(files, compared.before) : [];
  return {
    directory,
    ...(compared && { against: compared.against }),
    ...(result.ok && { topics: result.catalogue.topics.length }),
    problems: [
      ...(compared?.problems ?? []),
      ...inDirectory(directory, sortProblems([...result.problems, ...agreement])),
    ],
  };
};

import {
  readTopics,
  type SchemaVersion,
  type SourceFile,
  type TopicBefore,
  wholeSchema,
} from '@soma/catalogue';
import { CommandFailure, exitCodes } from './exit.js';
import { fileHistory, git, GitError } from './git.js';

/** What stood for each topic at a commit, and what makes the answer less than complete. */
export interface Baseline {
  readonly before: ReadonlyMap<string, TopicBefore>;
  /** Specs that have not the form that is asked for today: their topics are not in `before`. */
  readonly unread: readonly string[];
  /** The clone has not all commits: versions may be missing. */
  readonly shallow: boolean;
}

const commitOf = async (directory: string, ref: string): Promise<string> => {
  const refuse = (why: string): never => {
    throw new CommandFailure(`--against ${ref}: ${why}`, exitCodes.usage);
  };
  if (ref === '' || ref.startsWith('-')) refuse('no name of a branch, tag or commit');
  try {
    await git(directory, 'rev-parse', '--git-dir');
  } catch (error) {
    if (!(error instanceof GitError)) throw error;
    refuse(`${directory} is in no git repository (${error.message})`);
  }
  try {
    return (await git(directory, 'rev-parse', '--verify', '--quiet', `${ref}^{commit}`)).trim();
  } catch {
    return refuse(
      'there is no such branch, tag or commit here; fetch it first, such as `git fetch origin main`',
    );
  }
};

const filesAt = async (directory: string, commit: string, prefix: string): Promise<readonly SourceFile[]> => {
  const listed = await git(directory, 'ls-tree', '-r', '-z', '--name-only', commit, '--', '.');
  const paths = listed.split('\0').filter((path) => /\.(yaml|avsc)$/.test(path));
  const files: SourceFile[] = [];
  for (const path of paths)
    files.push({ path, text: await git(directory, 'cat-file', 'blob', `${commit}:${prefix}${path}`) });
  return files;
};

const short = (commit: string): string => `commit ${commit.slice(0, 7)}`;

/** Contents of the reference files at a commit; one that was not there yet is left out. */
const referencesAt = async (
  directory: string,
  commit: string,
  paths: readonly string[],
): Promise<readonly string[]> => {
  const texts: string[] = [];
  for (const path of paths) {
    try {
      texts.push(await git(directory, 'cat-file', 'blob', `${commit}:${path}`));
    } catch (error) {
      if (!(error instanceof GitError)) throw error;
    }
  }
  return texts;
};

/** Commits that changed one of the files, oldest first. */
const commitsOf = async (
  directory: string,
  commit: string,
  paths: readonly string[],
): Promise<readonly string[]> => {
  const specs = paths.map((path) => `:(top,literal)${path}`);
  const listed = await git(directory, 'rev-list', '--topo-order', '--reverse', commit, '--', ...specs);
  return listed.split('\n').filter((line) => line !== '');
};

/** Every version of a schema, oldest first: each commit that changed its file, or the file of a type that it refers to. */
const versionsOf = async (
  directory: string,
  commit: string,
  schemaFile: string,
  referenceFiles: readonly string[],
): Promise<readonly SchemaVersion[]> => {
  const own = await fileHistory(directory, commit, schemaFile);
  const contents = new Map(own.map((version) => [version.commit, version.blob]));
  const paths = [...new Set([schemaFile, ...referenceFiles, ...own.map(({ path }) => path)])];
  const inOrder =
    referenceFiles.length === 0
      ? [...contents.keys()].toReversed()
      : await commitsOf(directory, commit, paths);
  const found = new Map<string, SchemaVersion>();
  const add = async (label: string, blob: string, at: string): Promise<void> => {
    const schema = wholeSchema(
      await git(directory, 'cat-file', 'blob', blob),
      await referencesAt(directory, at, referenceFiles),
    );
    // What is no schema was never registered.
    if (schema === undefined) return;
    // What stood twice was registered once, but the one that stands now is the newest.
    const key = JSON.stringify(schema);
    const known = found.get(key);
    found.delete(key);
    found.set(key, known ?? { label, schema });
  };
  let blob: string | undefined;
  for (const at of inOrder) {
    blob = contents.get(at) ?? blob;
    if (blob !== undefined) await add(short(at), blob, at);
  }
  await add(short(inOrder.at(-1) ?? commit), `${commit}:${schemaFile}`, commit);
  return [...found.values()];
};

/**
 * The catalogue as a git ref has it, read without a checkout: specs, levels, and every version that each schema has had
 * up to there. Throws `CommandFailure` (usage) for a ref that does not exist.
 */
export const gitBaseline = async (directory: string, ref: string): Promise<Baseline> => {
  const commit = await commitOf(directory, ref);
  const prefix = (await git(directory, 'rev-parse', '--show-prefix')).trim();
  const before = new Map<string, TopicBefore>();
  const { topics, unread } = readTopics(await filesAt(directory, commit, prefix));
  for (const { spec, schemaFile, referenceFiles } of topics) {
    const versions =
      schemaFile === undefined
        ? []
        : await versionsOf(
            directory,
            commit,
            `${prefix}${schemaFile}`,
            referenceFiles.map((file) => `${prefix}${file}`),
          );
    before.set(spec.topic, { spec, versions, ...(spec.schema && { level: spec.schema.compatibility }) });
  }
  const shallow = (await git(directory, 'rev-parse', '--is-shallow-repository')).trim() === 'true';
  return { before, unread, shallow };
};

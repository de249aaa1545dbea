import { randomBytes } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { PlatformError, reasonOf } from '../errors.js';
import { packageFile } from '../package-files.js';
import { lastWords, run } from '../process/run.js';
import { checksumsOf, wrongFiles } from './checksums.js';
import { changedFiles, writeManifest } from './manifest.js';

const dependencyPlugin = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1';
/** Later versions want the registry's parent POM, which Maven Central does not have. */
const tolerantPlugin = 'org.apache.maven.plugins:maven-dependency-plugin:2.8';

/** Something that Maven Central serves and that we keep unpacked in the cache. */
export interface Artifact {
  readonly name: 'kafka-4.1.0' | 'apicurio-registry-3.0.9';
  /** Arguments for Maven that put the files of the checksum list into `folder`. */
  readonly fetch: (folder: string) => string[];
  readonly archive?: string;
}

export const kafkaArtifact: Artifact = {
  name: 'kafka-4.1.0',
  fetch: (folder) => [
    '-f',
    join(folder, 'pom.xml'),
    `${dependencyPlugin}:copy-dependencies`,
    '-DincludeScope=runtime',
    `-DoutputDirectory=${folder}`,
  ],
};

export const registryArtifact: Artifact = {
  name: 'apicurio-registry-3.0.9',
  fetch: (folder) => [
    `${tolerantPlugin}:copy`,
    '-Dartifact=io.apicurio:apicurio-registry-app:3.0.9:tar.gz:all',
    `-DoutputDirectory=${folder}`,
  ],
  archive: 'apicurio-registry-app-3.0.9-all.tar.gz',
};

/** The jars of Kafka, in a fixed order: class archives depend on it. */
export const kafkaJars = (folder: string): string[] =>
  checksumsOf(kafkaArtifact.name).map(({ file }) => join(folder, file));

/** The jar that starts the registry. */
export const registryJar = (folder: string): string => join(folder, 'apicurio-registry-app-3.0.9-runner.jar');

/** Why the cached copy cannot be used, or undefined if it can. */
export const cacheFault = (cache: string, artifact: Artifact): string | undefined => {
  const folder = join(cache, artifact.name);
  if (!existsSync(folder)) return 'not downloaded yet';
  const changed = changedFiles(folder);
  if (changed === undefined) return 'never verified';
  return changed.length
    ? `damaged: ${changed.slice(0, 3).join(', ')}${changed.length > 3 ? ` and ${changed.length - 3} more` : ''}`
    : undefined;
};

/** Maven's own reasons, without its advice on switches. */
const mavenErrors = (output: string): string =>
  output
    .split('\n')
    .filter(
      (line) =>
        /\[ERROR\] \S/.test(line) && !/re-run Maven|Re-run Maven|more information|\[Help 1\] http/.test(line),
    )
    .slice(0, 4)
    .map((line) => `  ${line.slice(line.indexOf('[ERROR]') + 8)}`)
    .join('\n');

const maven = async (
  mvn: string,
  artifact: Artifact,
  folder: string,
  repository: string[],
): Promise<void> => {
  const pom = packageFile(`maven/${artifact.name}.xml`);
  // Maven writes beside the pom: give it a copy.
  if (existsSync(pom)) copyFileSync(pom, join(folder, 'pom.xml'));
  const result = await run(mvn, ['-C', '-B', '-q', ...repository, ...artifact.fetch(folder)], {
    cwd: folder,
  });
  rmSync(join(folder, 'pom.xml'), { force: true });
  if (result.code !== 0) {
    throw new PlatformError(
      'download-failed',
      `Maven could not fetch ${artifact.name} (exit code ${result.code}). Check the network, the proxy and ~/.m2/settings.xml, then try again. It said:\n${mavenErrors(result.stdout)}`,
    );
  }
};

const fetchVerified = async (mvn: string, artifact: Artifact, folder: string): Promise<void> => {
  const list = checksumsOf(artifact.name);
  await maven(mvn, artifact, folder, []);
  if ((await wrongFiles(folder, list)).length === 0) return;
  // Perhaps Maven's own local repository is what is damaged: once more past it.
  await maven(mvn, artifact, folder, ['-U', `-Dmaven.repo.local=${join(folder, 'repository')}`]);
  rmSync(join(folder, 'repository'), { recursive: true, force: true });
  const wrong = await wrongFiles(folder, list);
  if (wrong.length) {
    throw new PlatformError(
      'download-failed',
      `What was downloaded for ${artifact.name} differs from tools/platform/checksums/${artifact.name}.sha256: ${wrong.join(', ')}. Do not use it; check the repository that Maven is set to.`,
    );
  }
};

/**
 * The folder of an artifact in the cache, fetched first if it is missing or damaged.
 * `onNote` hears why something is fetched.
 */
export const ensureArtifact = async (
  cache: string,
  artifact: Artifact,
  mvn: string | undefined,
  onNote: (note: string) => void,
): Promise<string> => {
  const folder = join(cache, artifact.name);
  const fault = cacheFault(cache, artifact);
  if (fault === undefined) return folder;
  onNote(`${artifact.name}: ${fault}, fetching`);
  if (mvn === undefined)
    throw new PlatformError(
      'missing-software',
      `mvn is needed to fetch ${artifact.name} (${folder} is ${fault}).`,
    );
  const draft = join(cache, `${artifact.name}.${randomBytes(4).toString('hex')}`);
  mkdirSync(draft, { recursive: true });
  try {
    await fetchVerified(mvn, artifact, draft);
    if (artifact.archive) {
      const unpacked = await run('tar', ['-xzf', artifact.archive], { cwd: draft });
      if (unpacked.code !== 0)
        throw new PlatformError(
          'download-failed',
          `tar could not unpack ${join(draft, artifact.archive)}: ${lastWords(unpacked)}`,
        );
      rmSync(join(draft, artifact.archive));
    }
    writeManifest(draft);
    install(draft, folder, cache, artifact);
    return folder;
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
};

/** Puts a verified draft in place; another process may have been quicker with the same. */
const install = (draft: string, folder: string, cache: string, artifact: Artifact): void => {
  for (let attempt = 0; attempt < 3; attempt++) {
    try {
      renameSync(draft, folder);
      return;
    } catch (error) {
      if (cacheFault(cache, artifact) === undefined) return;
      const aside = `${draft}.old`;
      try {
        renameSync(folder, aside);
      } catch {
        if (attempt === 2)
          throw new PlatformError(
            'download-failed',
            `Cannot replace ${folder}: ${reasonOf(error)}. Remove it and try again.`,
            { cause: error },
          );
      }
      rmSync(aside, { recursive: true, force: true });
    }
  }
};

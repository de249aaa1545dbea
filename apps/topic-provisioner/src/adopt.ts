import { formatProblems, loadCatalogue, readFiles } from '@soma/catalogue';
import type { Catalogue, SquadName } from '@soma/contracts';
import { adoptable, filesOf, type Skipped } from './core/adopt-check.js';
import { candidates } from './core/adopt-candidates.js';
import type { AdoptedSpec } from './core/adopt-facts.js';
import type { Change } from './core/types.js';
import { observeUndeclared } from './adopt-observe.js';
import { writeNew } from './adopt-files.js';
import { Provisioner, type ProvisionerOptions } from './provisioner.js';

export interface AdoptOptions extends ProvisionerOptions {
  /** The schemas directory of which `catalogue` was read. */
  readonly directory: string;
  /** Who adopts the topics. */
  readonly squad: SquadName;
  /** Which topics, by name without the cluster's prefix; all that are not declared when it is left out. */
  readonly match?: RegExp;
  /** Writes nothing. */
  readonly dryRun?: boolean;
}

/** What an adoption wrote, or would have written. */
export interface Adoption {
  readonly adopted: readonly AdoptedSpec[];
  readonly skipped: readonly Skipped[];
  /** Names of topics that the catalogue declares already. */
  readonly declared: readonly string[];
  /** What the next plan has for the adopted topics: nothing, if they were written down as they stand. */
  readonly differences: readonly Change[];
}

/** The files of the catalogue are wrong, so that nothing can be put beside them. */
export class CatalogueUnusable extends Error {
  override readonly name = 'CatalogueUnusable';
  readonly code = 'CATALOGUE_UNUSABLE';
}

const withProvisioner = async <T>(
  options: ProvisionerOptions,
  run: (provisioner: Provisioner) => Promise<T>,
): Promise<T> => {
  const provisioner = new Provisioner(options);
  try {
    return await run(provisioner);
  } finally {
    await provisioner.close();
  }
};

/** The changes of a plan that concern some topics, their subjects and the rights on them. */
const differences = async (
  options: ProvisionerOptions,
  catalogue: Catalogue,
  topics: readonly string[],
): Promise<readonly Change[]> => {
  const chosen = catalogue.topics.filter(({ spec }) => topics.includes(spec.topic));
  return withProvisioner({ ...options, catalogue: { ...catalogue, topics: chosen } }, async (provisioner) => {
    const { desired } = provisioner;
    const names = new Set([
      ...desired.topics.map(({ name }) => name),
      ...desired.subjects.map((one) => one.subject),
    ]);
    const { changes } = await provisioner.plan();
    return changes.filter(
      ({ resource, mutation }) =>
        names.has(resource) || (mutation.kind === 'create-acl' && names.has(mutation.acl.resourceName)),
    );
  });
};

const write = async (
  directory: string,
  specs: readonly AdoptedSpec[],
): Promise<{ readonly written: readonly AdoptedSpec[]; readonly failed: readonly Skipped[] }> => {
  const written: AdoptedSpec[] = [];
  const failed: Skipped[] = [];
  for (const spec of specs) {
    const reason = await writeNew(directory, filesOf(spec));
    if (reason === undefined) written.push(spec);
    else failed.push({ topic: spec.topic, reason });
  }
  return { written, failed };
};

/**
 * Writes spec files for topics that stand on the cluster and that nobody declared, so that the next plan has nothing to
 * change about them. Changes nothing on a server and no file that is there. Throws {@link CatalogueUnusable}.
 */
export const adopt = async ({
  directory,
  squad,
  match,
  dryRun = false,
  ...options
}: AdoptOptions): Promise<Adoption> => {
  const { topicPrefix: prefix } = options.kafka;
  const { found, declared } = await withProvisioner(options, async (provisioner) => {
    const listed = await provisioner.admin.listTopics();
    const { topics, declared } = candidates(listed, options.catalogue, { prefix, ...(match && { match }) });
    return { found: await observeUndeclared(provisioner, topics, { prefix, squad }), declared };
  });
  const checked = adoptable(await readFiles(directory), found);
  if (!checked)
    throw new CatalogueUnusable(`${directory} has errors: see \`npx soma schemas check ${directory}\``);
  const { specs, skipped } = checked;
  if (dryRun) {
    const topics = specs.map(({ topic }) => topic);
    const changes = await differences(options, checked.catalogue, topics);
    return { adopted: specs, skipped, declared, differences: changes };
  }
  const { written, failed } = await write(directory, specs);
  const read = await loadCatalogue(directory);
  if (!read.ok) throw new CatalogueUnusable(formatProblems(read.problems));
  const topics = written.map(({ topic }) => topic);
  return {
    adopted: written,
    skipped: [...skipped, ...failed],
    declared,
    differences: await differences(options, read.catalogue, topics),
  };
};

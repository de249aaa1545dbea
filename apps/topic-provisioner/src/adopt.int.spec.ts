import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadCatalogue } from '@soma/catalogue';
import type { Catalogue } from '@soma/contracts';
import { createAdmin, type KafkaSettings, SchemaRegistry } from '@soma/kafka';
import { testConnection } from '@soma/kafka/testing';
import { platform, uniqueName, waitFor } from '@soma/testing';
import { readFirst, write } from '../test/clients.js';
import { oddAcls, oddSubjects, oddTopics } from '../test/hand-made.js';
import { removeAll } from '../test/remove-all.js';
import { createTestJournal, type TestJournal } from '../test/test-journal.js';
import { emptyCatalogue } from '../test/undeclared.js';
import { adopt, type AdoptOptions } from './adopt.js';
import { writeNew } from './adopt-files.js';
import { Applier } from './apply.js';
import { aclName } from './core/acls.js';
import { Provisioner } from './provisioner.js';
import { unmanage } from './unmanage.js';

const { kafka: cluster, registry: registrySettings } = testConnection(platform());
const admin = createAdmin(cluster, 'adopt-spec');
const registry = new SchemaRegistry(registrySettings);
const kafka: KafkaSettings = { ...cluster, topicPrefix: `${uniqueName('adopt')}.` };
const { topicPrefix: prefix } = kafka;
const topics = oddTopics(prefix);
const names = topics.map(({ name }) => name);
const acls = oddAcls(names);
const withSchema = oddSubjects.map((_, index) => names[index * 3] ?? '');
const bare = (name: string): string => name.slice(prefix.length);
const grouped = names[4] ?? '';
const directories: string[] = [];
let tested: TestJournal;
let adopted: string;

const newDirectory = async (): Promise<string> => {
  const directory = await mkdtemp(join(tmpdir(), 'soma-adopt-'));
  directories.push(directory);
  return directory;
};

/** A schemas directory with one environment and no topic. */
const emptyDirectory = async (): Promise<string> => {
  const directory = await newDirectory();
  expect(await writeNew(directory, emptyCatalogue)).toBeUndefined();
  return directory;
};

const load = async (directory: string): Promise<Catalogue> => {
  const result = await loadCatalogue(directory);
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return result.catalogue;
};

const adoptTo = async (directory: string, more: Partial<AdoptOptions> = {}) =>
  adopt({
    kafka,
    registry: registrySettings,
    catalogue: await load(directory),
    environment: 'local',
    directory,
    squad: 'infra-ops',
    ...more,
  });

const withProvisioner = async <T>(
  catalogue: Catalogue,
  run: (one: Provisioner) => Promise<T>,
): Promise<T> => {
  const one = new Provisioner({ kafka, registry: registrySettings, catalogue, environment: 'local' });
  try {
    return await run(one);
  } finally {
    await one.close();
  }
};

/** All that stands on the servers under the prefix of this test. */
const standing = async () => {
  const [configs, listed, all] = await Promise.all([
    admin.describeTopicConfigs(names),
    admin.listAcls(),
    admin.listTopics(),
  ]);
  const versions = await Promise.all(withSchema.map((name) => registry.versions(`${name}-value`)));
  const levels = await Promise.all(withSchema.map((name) => registry.level(`${name}-value`)));
  return {
    shapes: all
      .filter(({ name }) => name.startsWith(prefix))
      .map(({ name, partitions }) => [name, partitions.length, partitions[0]?.replicas.length])
      .toSorted(),
    configs: [...configs].toSorted(([a], [b]) => (a < b ? -1 : 1)),
    acls: (listed.enabled ? listed.acls : []).filter(({ resourceName }) => resourceName.startsWith(prefix)),
    versions,
    levels,
  };
};

beforeAll(async () => {
  tested = await createTestJournal();
  const made = await admin.createTopics(topics);
  expect([...made].filter(([, outcome]) => !outcome.ok)).toEqual([]);
  expect((await admin.createAcls(acls)).filter(({ ok }) => !ok)).toEqual([]);
  for (const [index, { versions, under, level }] of oddSubjects.entries()) {
    const subject = `${withSchema[index]}-value`;
    for (const schema of versions) {
      await registry.register(subject, schema);
      await registry.setLevel(subject, under);
    }
    await registry.deleteLevel(subject);
    if (level) await registry.setLevel(subject, level);
  }
  // A subject that no Avro record stands under.
  await registry.register(`${names[1]}-value`, '"string"');
  // Brokers follow the controller: what it has accepted is seen a little later.
  await waitFor(async () => {
    const { shapes, acls: seen } = await standing();
    return shapes.length === topics.length && seen.length === acls.length;
  });
  await write(cluster, registrySettings, grouped, 'precious');
  expect(await readFirst(cluster, grouped, `${prefix}reader`)).toBe('precious');
  adopted = await emptyDirectory();
});

afterAll(async () => {
  await removeAll(admin, registry, (name) => name.startsWith(prefix));
  await admin.close();
  await tested.drop();
  for (const directory of directories) await rm(directory, { recursive: true });
});

it('writes nothing on a dry run, and tells the same', async () => {
  const before = await readdir(adopted, { recursive: true });
  const { adopted: specs, differences } = await adoptTo(adopted, { dryRun: true, match: /^Old\./ });
  expect(specs.map(({ topic }) => topic)).toEqual(
    names
      .map(bare)
      .filter((name) => name.startsWith('Old.'))
      .toSorted(),
  );
  expect(differences).toEqual([]);
  expect(await readdir(adopted, { recursive: true })).toEqual(before);
});

it('adopts a cluster that was made by hand, and the next plan has nothing to do', async () => {
  const before = await standing();
  const adoption = await adoptTo(adopted);
  expect(adoption.skipped).toEqual([]);
  expect(adoption.differences).toEqual([]);
  expect(adoption.adopted.map(({ topic }) => topic)).toEqual(names.map(bare).toSorted());
  expect(adoption.adopted.flatMap(({ notes }) => notes).toSorted()).toMatchInlineSnapshot(`
    [
      "declared is version 2 of subject Old.0-value; 1 stay in the registry",
      "declared is version 2 of subject orders.9-value; 1 stay in the registry",
      "declared is version 3 of subject x-y.z.3-value; 1, 2 stay in the registry",
      "leader.replication.throttled.replicas is left out: the catalogue does not know this config",
      "leader.replication.throttled.replicas is left out: the catalogue does not know this config",
      "max.compaction.lag.ms is left out: the catalogue has no form for its value 9223372036854775807",
      "max.compaction.lag.ms is left out: the catalogue has no form for its value 9223372036854775807",
      "retention.ms is left out: the catalogue has no form for its value 9223372036854775807",
      "retention.ms is left out: the catalogue has no form for its value 9223372036854775807",
      "the schema of subject orders.1-value is left out and stays in the registry: it is no Avro record",
    ]
  `);

  const catalogue = await load(adopted);
  const specs = new Map(catalogue.topics.map(({ spec }) => [prefix + spec.topic, spec]));
  for (const { name, partitions, replicationFactor } of topics)
    expect(specs.get(name)).toMatchObject({
      partitions,
      replicationFactor,
      owner: 'infra-ops',
      adopted: true,
    });
  expect([...specs.values()].flatMap((spec) => spec.acls)).toHaveLength(acls.length);
  const seen = await readFile(join(adopted, 'infra-ops', `${bare(grouped)}.yaml`), 'utf8');
  expect(seen).toContain(`# adopt: consumer groups that were seen on it: ${prefix}reader`);
  for (const [index, name] of withSchema.entries()) {
    const text = await readFile(join(adopted, 'infra-ops', `${bare(name)}.avsc`), 'utf8');
    const newest = await registry.version(`${name}-value`, 'latest');
    expect(JSON.parse(text)).toEqual(JSON.parse(newest?.schema ?? ''));
    expect(specs.get(name)?.schema?.compatibility).toBe(oddSubjects[index]?.level ?? 'NONE');
  }

  // Whatever is allowed: an apply finds nothing to do about them, but for the rights of the provisioner itself.
  const report = await withProvisioner(catalogue, (one) =>
    new Applier(one, tested.journal).apply({
      request: { only: ['topics', 'schemas'], allow: ['unsafe', 'destructive', 'unknown'] },
      by: 'spec',
    }),
  );
  expect([report.applied, report.blocked, report.left]).toEqual([[], [], []]);
  const own = report.plan.changes.filter(({ resource }) => !resource.startsWith('User:topic-provisioner '));
  expect(own).toEqual([]);
  expect(await standing()).toEqual(before);
  expect(before.acls.map(aclName).toSorted()).toEqual(acls.map(aclName).toSorted());
});

it('writes nothing the second time', async () => {
  const files = await readdir(adopted, { recursive: true });
  const again = await adoptTo(adopted);
  expect([again.adopted, again.skipped, again.differences]).toEqual([[], [], []]);
  expect(again.declared.toSorted()).toEqual(names.map(bare).toSorted());
  expect(await readdir(adopted, { recursive: true })).toEqual(files);
  // Nor does another squad: the first one has declared them.
  expect((await adoptTo(adopted, { squad: 'ui-experience' })).adopted).toEqual([]);
});

it('says which rule holds only for others, as warnings', async () => {
  const { problems } = await loadCatalogue(adopted);
  expect(problems.filter(({ severity }) => severity === 'error')).toEqual([]);
  const told = problems.map(({ message }) => message);
  expect(told).toContain('the record has no doc');
  expect(told).toContain('unknown logical type "nanos"');
  const same = [withSchema[2], withSchema[4]].map((name = '') => `infra-ops/${bare(name)}.avsc`).toSorted();
  expect(told).toContain(`com.acme.Same is defined otherwise in ${same[0]}`);
});

it('never writes over a file, and leaves nothing of a topic that it could not write whole', async () => {
  const directory = await emptyDirectory();
  const [first = ''] = withSchema.map(bare);
  await mkdir(join(directory, 'infra-ops'));
  const mine = join(directory, 'infra-ops', `${first}.yaml`);
  await writeFile(mine, 'not yours\n');
  const files = [
    { path: `infra-ops/${first}.avsc`, text: '{}' },
    { path: `infra-ops/${first}.yaml`, text: 'topic: x\n' },
  ];
  expect(await writeNew(directory, files)).toBe(
    `infra-ops/${first}.yaml is there already and was left as it is`,
  );
  expect(await readdir(join(directory, 'infra-ops'))).toEqual([`${first}.yaml`]);
  expect(await readFile(mine, 'utf8')).toBe('not yours\n');

  // A file where a directory is needed.
  await writeFile(join(directory, 'ui-experience'), '');
  const reason = await writeNew(directory, [{ path: 'ui-experience/a.yaml', text: '' }]);
  expect(reason).toMatch(/^ui-experience\/a\.yaml: (EEXIST|ENOTDIR)|is there already/);
});

it('adopts nothing of a catalogue in which two files claim one topic, and names both', async () => {
  const directory = await newDirectory();
  await cp(adopted, directory, { recursive: true });
  const [first = ''] = names.map(bare);
  const text = await readFile(join(directory, 'infra-ops', `${first}.yaml`), 'utf8');
  await mkdir(join(directory, 'ui-experience'));
  const claim = text.replace('owner: infra-ops', 'owner: ui-experience').replace(/schema:\n.*\n.*\n/, '');
  await writeFile(join(directory, 'ui-experience', `${first}.yaml`), claim);
  const catalogue = await load(adopted);
  await expect(
    adoptTo(adopted, { catalogue: { ...catalogue, topics: [] }, directory }),
  ).rejects.toMatchObject({
    code: 'CATALOGUE_UNUSABLE',
  });
  const { ok, problems } = await loadCatalogue(directory);
  expect(ok).toBe(false);
  const errors = problems.filter(({ severity }) => severity === 'error');
  expect(errors).toMatchObject([
    {
      file: join(directory, 'ui-experience', `${first}.yaml`),
      line: 4,
      column: 8,
      message: `${first} is already declared in infra-ops/${first}.yaml:4:8`,
    },
  ]);
});

it('takes a topic out of the catalogue and leaves all of it on the servers', async () => {
  const directory = await newDirectory();
  await cp(adopted, directory, { recursive: true });
  const [first = ''] = withSchema.map(bare);
  const local = join(directory, 'environments', 'local.yaml');
  const overlay = await readFile(local, 'utf8');
  await writeFile(local, `${overlay}topics:\n  ${first}: { config: { retention.ms: 1d } } # ours\n`);
  const before = await standing();

  const catalogue = await load(directory);
  expect(await unmanage(directory, catalogue, 'no.such.topic')).toBeUndefined();
  expect(await unmanage(directory, catalogue, first)).toMatchObject({
    remove: [`infra-ops/${first}.yaml`, `infra-ops/${first}.avsc`],
    undeclared: { 'User:ledger': [`User:ledger ALLOW READ TOPIC ${first}`] },
  });
  expect((await readFile(local, 'utf8')).trim()).toBe(overlay.trim());
  const rest = await load(directory);
  expect(rest.topics.map(({ spec }) => spec.topic)).toEqual(
    names
      .map(bare)
      .filter((name) => name !== first)
      .toSorted(),
  );
  const { changes } = await withProvisioner(rest, (one) => one.plan());
  expect(changes.filter(({ resource }) => resource.includes(first))).toEqual([]);
  expect(await standing()).toEqual(before);

  // What nobody declares can be adopted again, by anybody.
  const again = await adoptTo(directory, { squad: 'ui-experience' });
  expect(again.adopted.map(({ topic }) => topic)).toEqual([first]);
  expect(again.differences).toEqual([]);
});

import { execFile } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createAdmin } from '@soma/kafka';
import { testConnection } from '@soma/kafka/testing';
import { platform, uniqueName, waitFor } from '@soma/testing';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const bin = fileURLToPath(new URL('../bin/soma.mjs', import.meta.url));
const directory = mkdtempSync(join(tmpdir(), 'soma-adopt-cli-'));
const schemas = join(directory, 'schemas');
const prefix = `${uniqueName('adopt-cli')}.`;
const admin = createAdmin(testConnection(platform()).kafka, 'adopt-cli-spec');

interface Ended {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs the command line on the platform of this test run, as if the cluster had only topics of this test. */
const topics = (...args: readonly string[]): Promise<Ended> =>
  new Promise((resolve) => {
    const { PATH = '', HOME = '' } = process.env;
    const env = { PATH, HOME, SOMA_HOME: platform().home, SOMA_TOPIC_PREFIX: prefix };
    execFile(process.execPath, [bin, 'topics', ...args], { cwd: root, env }, (error, out, err) =>
      resolve({ code: error ? Number(error.code) : 0, out, err }),
    );
  });

const adopt = (...args: readonly string[]): Promise<Ended> =>
  topics('adopt', '--schemas', schemas, '--squad', 'infra-ops', ...args);

beforeAll(async () => {
  cpSync(join(root, 'schemas'), schemas, { recursive: true });
  const configs = { 'retention.ms': '12345678' };
  const made = ['orders.old', 'billing.events', 'other'].map((name) => prefix + name);
  await admin.createTopics(made.map((name) => ({ name, partitions: 2, replicationFactor: 1, configs })));
  await waitFor(async () => {
    const listed = (await admin.listTopics()).map(({ name }) => name);
    return made.every((name) => listed.includes(name));
  });
});

afterAll(async () => {
  await admin.deleteTopics(['orders.old', 'billing.events', 'other'].map((name) => prefix + name));
  await admin.close();
  rmSync(directory, { recursive: true });
});

it.each([['adopt'], ['unmanage']])('explains %s with an example and its exit codes', async (name) => {
  const { code, out } = await topics(name, '--help');
  expect(code).toBe(0);
  expect(out).toMatch(/Exit codes: 0 [^]*Example:\n {2}npx soma topics/);
});

it('exits with 2 for a wrong regex, squad, environment or topic, and says what there is', async () => {
  const [regex, squad, environment, unknown] = await Promise.all([
    adopt('--match', '('),
    adopt('--squad', 'moon'),
    adopt('--env', 'moon'),
    topics('unmanage', 'no.such.topic', '--schemas', schemas),
  ]);
  expect([regex, squad, environment, unknown].map((one) => one?.code)).toEqual([2, 2, 2, 2]);
  expect(regex.err).toContain('Unterminated group');
  expect(squad.err).toContain('"moon" is none of memory-constitution');
  expect(environment.err).toContain('schemas/environments has local');
  expect(unknown.err).toContain('the catalogue has no topic no.such.topic; it has billing.events');
});

it('adopts what matches, and takes it out again', async () => {
  const file = join(schemas, 'infra-ops', 'orders.old.yaml');
  const dry = await adopt('--match', '^orders', '--dry-run');
  expect(dry).toMatchObject({ code: 0, out: expect.stringContaining(`would write ${file}`) as string });
  expect(existsSync(file)).toBe(false);

  const { code, out } = await adopt('--match', '^(orders|billing)');
  expect(code).toBe(0);
  expect(out).toContain(`wrote ${file}\n1 topic adopted, 0 skipped, 1 declared already\n`);
  expect(out).toContain('the next plan is empty for them');
  expect(readFileSync(file, 'utf8')).toContain('retention.ms: 12345678ms\n');

  const again = await adopt('--match', '^orders', '--json');
  expect(JSON.parse(again.out)).toMatchObject({ adopted: [], declared: ['orders.old'], differences: [] });

  const local = join(schemas, 'environments', 'local.yaml');
  const before = readFileSync(local, 'utf8');
  writeFileSync(local, `${before}  orders.old:\n    config: { retention.ms: 1d }\n`);
  const gone = await topics('unmanage', 'orders.old', '--schemas', schemas);
  expect(gone).toMatchObject({
    code: 0,
    out: expect.stringContaining('no server was asked or changed') as string,
  });
  expect(existsSync(file)).toBe(false);
  expect(readFileSync(local, 'utf8')).toBe(before);
  const listed = (await admin.listTopics()).map(({ name }) => name);
  expect(listed).toContain(`${prefix}orders.old`);
});

it('exits with 78 and applies nothing while two files claim one topic, and names both', async () => {
  const claimed = join(directory, 'claimed');
  cpSync(join(root, 'schemas'), claimed, { recursive: true });
  const spec = readFileSync(join(claimed, 'identity-settings', 'billing.events.yaml'), 'utf8');
  mkdirSync(join(claimed, 'ui-experience'), { recursive: true });
  const claim = join(claimed, 'ui-experience', 'billing.events.yaml');
  writeFileSync(claim, spec.replace('owner: identity-settings', 'owner: ui-experience'));
  const names = new RegExp(
    `ui-experience/billing\\.events\\.yaml:\\d+:\\d+ topic — billing\\.events is already declared in ` +
      `identity-settings/billing\\.events\\.yaml:\\d+:\\d+`,
  );
  for (const args of [['apply'], ['adopt', '--squad', 'infra-ops']]) {
    const { code, err } = await topics(...args, '--schemas', claimed);
    expect(code).toBe(78);
    expect(err).toMatch(names);
  }
  const listed = (await admin.listTopics()).map(({ name }) => name).filter((name) => name.startsWith(prefix));
  expect(listed.toSorted()).toEqual(['billing.events', 'orders.old', 'other'].map((name) => prefix + name));
});

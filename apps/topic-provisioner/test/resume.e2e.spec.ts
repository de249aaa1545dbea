import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Catalogue } from '@soma/contracts';
import { createAdmin, SchemaRegistry } from '@soma/kafka';
import { testConnection } from '@soma/kafka/testing';
import { platform, uniqueName } from '@soma/testing';
import { Applier } from '../src/apply.js';
import type { Request } from '../src/ports.js';
import { Provisioner } from '../src/provisioner.js';
import { catalogue, field, orderSchema } from './catalogue.js';
import { removeAll } from './remove-all.js';
import { sharedCatalogue } from './shared-types.js';
import { createTestJournal, type TestJournal } from './test-journal.js';

const script = fileURLToPath(new URL('fixtures/killed-apply.mjs', import.meta.url));
const { kafka: cluster, registry: registrySettings } = testConnection(platform());
const admin = createAdmin(cluster, 'resume-spec');
const registry = new SchemaRegistry(registrySettings);

/** Every kind of change: new topics, configs, partitions, levels, schemas and rights. */
const before = catalogue();
const after = catalogue(
  {
    partitions: 4,
    config: { 'retention.ms': '30d', 'min.insync.replicas': 2 },
    producers: [
      { service: 'shop', squad: 'ui-experience', transactionalId: 'shop' },
      { service: 'kiosk', squad: 'ui-experience' },
    ],
  },
  orderSchema(field('note', { default: '' })),
);
const request: Request = { allow: ['unsafe'] };

let directory: string;
let tested: TestJournal;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'soma-resume-'));
  tested = await createTestJournal();
});

afterAll(async () => {
  await admin.close();
  await tested.drop();
  await rm(directory, { recursive: true });
});

/** Applies in a process that kills itself at a moment; answers whether it came to its end instead. */
const applyKilledAt = async (killAt: number, prefix: string, wanted: Catalogue): Promise<boolean> => {
  const file = join(directory, 'apply.json');
  const kafka = { ...cluster, topicPrefix: prefix };
  const content = {
    killAt,
    databaseUrl: tested.url,
    kafka,
    registry: registrySettings,
    catalogue: wanted,
    request,
  };
  await writeFile(file, JSON.stringify(content), { mode: 0o600 });
  const child = spawn(process.execPath, [script, file], { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
  if (signal === 'SIGKILL') return false;
  if (code !== 0) throw new Error(`the apply ended with ${code ?? signal}: ${output}`);
  return true;
};

interface Told {
  readonly state: string;
  readonly attempts: number;
  readonly plan: string;
}

const told = async (): Promise<readonly Told[]> => {
  const { rows } = await tested.postgres.query<Told>(
    `SELECT item.state, item.attempts, plan.state AS plan FROM plan_item AS item JOIN plan ON plan.id = item.plan_id
      WHERE item.state <> 'left'`,
  );
  return rows;
};

const provisioner = (prefix: string, wanted: Catalogue): Provisioner =>
  new Provisioner({
    kafka: { ...cluster, topicPrefix: prefix },
    registry: registrySettings,
    catalogue: wanted,
    environment: 'local',
  });

/** Kills an apply of `wanted` at the given moment, resumes it, and tells whether there was a kill. */
const killAndResume = async (killAt: number, first: Catalogue | undefined, wanted: Catalogue) => {
  const prefix = `${uniqueName('resume')}.`;
  await tested.postgres.query('DELETE FROM plan');
  const resuming = provisioner(prefix, wanted);
  try {
    if (first) {
      const initial = provisioner(prefix, first);
      await new Applier(initial, tested.journal).apply({ request, by: 'spec' });
      await initial.close();
      await tested.postgres.query('DELETE FROM plan');
    }
    const finished = await applyKilledAt(killAt, prefix, wanted);
    const atCrash = await told();
    const report = await new Applier(resuming, tested.journal).apply({ request, by: 'spec' });
    // The same end, whatever the moment: nothing is left, and nothing failed on the way.
    expect((await resuming.plan()).changes).toEqual([]);
    expect(report.left).toEqual([]);
    const items = await told();
    expect(new Set(items.map(({ state, plan }) => `${state} ${plan}`))).toEqual(new Set(['done ended']));
    // What was known to be done was not done again, and what was in doubt at most once more.
    expect(Math.max(...items.map(({ attempts }) => attempts))).toBeLessThanOrEqual(2);
    const finishedBefore = atCrash.filter(({ state }) => state === 'done').length;
    expect(items.filter(({ attempts }) => attempts === 1).length).toBeGreaterThanOrEqual(finishedBefore);
    return { finished, resumed: report.resumed.length, crashedIn: atCrash };
  } finally {
    await resuming.close();
    await removeAll(admin, registry, (name) => name.startsWith(prefix));
  }
};

describe.each([
  ['an apply to an empty cluster', undefined, before],
  ['an apply that changes what stands', before, after],
  ['an apply of schemas that refer to types', undefined, sharedCatalogue()],
])('%s that is killed', (_, first, wanted) => {
  it('at any moment is told truly, and resumed to the same end', async () => {
    let resumed = 0;
    let killAt = 0;
    for (;;) {
      const run = await killAndResume(killAt, first, wanted);
      resumed += run.resumed;
      if (run.finished) break;
      killAt += 1;
    }
    // Before its plan is recorded a kill leaves nothing to resume; after that every one does, until the last write.
    expect(killAt).toBeGreaterThan(10);
    expect(resumed).toBeGreaterThanOrEqual(killAt - 3);
  }, 300_000);
});

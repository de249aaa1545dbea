import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { platform } from '@soma/testing';
import { type Ended, runSoma } from './run-soma.js';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const soma = (args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ended> =>
  runSoma(root, args, env);

/** The platform of this test run. */
const here = (): Record<string, string> => ({ SOMA_HOME: platform().home });

describe('soma', () => {
  const directory = mkdtempSync(join(tmpdir(), 'soma-cli-'));

  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  it.each([
    [[]],
    [['up']],
    [['down']],
    [['status']],
    [['logs']],
    [['reset']],
    [['start']],
    [['schemas', 'check']],
    [['schemas', 'import']],
    [['topics', 'plan']],
    [['topics', 'apply']],
    [['topics', 'verify']],
    [['events', 'produce']],
    [['feed', 'tail']],
    [['feed', 'publish']],
    [['feed', 'rules', 'check']],
    [['feed', 'rules', 'test']],
  ])('explains %j with an example', async (command) => {
    const { code, out } = await soma([...command, '--help']);
    expect(code).toBe(0);
    expect(out).toMatch(/Example:\n {2}npx soma/);
  });

  it('exits with 2 for a command or an option that it does not have, and says which', async () => {
    expect(await soma(['tpoics'])).toMatchObject({
      code: 2,
      err: expect.stringContaining("unknown command 'tpoics'") as string,
    });
    const wrong = await soma(['events', 'produce', 'settings.changed', '--count', 'many']);
    expect(wrong).toMatchObject({ code: 2, err: expect.stringContaining('a whole number') as string });
  });

  it('says what to do when there is no platform, and exits with 78', async () => {
    const { code, err } = await soma(['topics', 'plan'], { SOMA_HOME: directory });
    expect(code).toBe(78);
    expect(err).toContain('run `npx soma up`, or set SOMA_KAFKA_BROKERS');
  });

  it('names every wrong variable at once and shows no secret', async () => {
    const { code, err } = await soma(['topics', 'plan'], {
      SOMA_HOME: directory,
      SOMA_KAFKA_BROKERS: 'nonsense',
      SOMA_KAFKA_TLS: 'perhaps',
      SOMA_REGISTRY_URL: 'not a url',
      SOMA_KAFKA_PASSWORD: 'do-not-show',
    });
    expect(code).toBe(78);
    for (const name of ['SOMA_KAFKA_BROKERS', 'SOMA_KAFKA_TLS', 'SOMA_REGISTRY_URL'])
      expect(err).toContain(name);
    expect(err).not.toContain('do-not-show');
  });

  it('prints every problem of a wrong catalogue with file, line, field and what is allowed', async () => {
    const schemas = join(directory, 'schemas');
    await cp(join(root, 'schemas'), schemas, { recursive: true });
    writeFileSync(
      join(schemas, 'identity-settings', 'settings.changed.yaml'),
      'topic: settings.changed\nowner: nobody\npartitions: many\ncolour: blue\n',
    );
    const { code, out } = await soma(['schemas', 'check', schemas]);
    expect(code).toBe(1);
    expect(out).toMatch(
      /identity-settings\/settings\.changed\.yaml:2:\d+ owner — .*allowed: .*identity-settings/,
    );
    expect(out).toMatch(/settings\.changed\.yaml:3:\d+ partitions — /);
    expect(out).toMatch(/settings\.changed\.yaml:4:\d+ .*colour/);
    const json = await soma(['schemas', 'check', schemas, '--json']);
    expect(JSON.parse(json.out)).toMatchObject({ ok: false });
  });

  it('verifies the eight topics, their dead letters, subjects and ACLs', async () => {
    const { code, out } = await soma(['topics', 'verify', '--json'], here());
    expect(code).toBe(0);
    const report = JSON.parse(out) as { ok: boolean; topics: { topic: string; replicationFactor: number }[] };
    expect(report.ok).toBe(true);
    const events = report.topics.filter(({ topic }) => !topic.endsWith('.dlq'));
    expect(events.map(({ topic }) => topic)).toEqual([
      'billing.events',
      'constitution.updated',
      'identity.audit',
      'infra.notifications',
      'policy.decisions',
      'settings.changed',
      'slm.requests',
      'slm.responses',
    ]);
    expect(report.topics.every(({ replicationFactor }) => replicationFactor === 3)).toBe(true);
    expect(await soma(['topics', 'plan'], here())).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^nothing to do/) as string,
    });
  });

  it('produces the same events for the same seed, to any topic of the catalogue', async () => {
    for (const topic of ['slm.requests', 'policy.decisions', 'constitution.updated']) {
      const { code, out } = await soma(
        ['events', 'produce', topic, '--count', '25', '--seed', '3', '--json'],
        here(),
      );
      expect(code).toBe(0);
      expect(JSON.parse(out)).toMatchObject({ topic, events: 25 });
    }
    const { code, err } = await soma(['events', 'produce', 'no.such.topic'], here());
    expect(code).toBe(2);
    expect(err).toContain('the catalogue has no topic no.such.topic; it has billing.events');
  });

  it('refuses an event of a file that does not fit, by line and field, and sends nothing of it', async () => {
    const file = join(directory, 'events.jsonl');
    const good = { tenant: 'acme', version: 1, hash: 'ab', changed_keys: [], at: 0 };
    writeFileSync(file, `${JSON.stringify(good)}\n${JSON.stringify({ ...good, version: 'two' })}\n`);
    const { code, err } = await soma(['events', 'produce', 'settings.changed', '--file', file], here());
    expect(code).toBe(1);
    expect(err).toContain(
      `${file}:2: event does not fit the schema of settings.changed: version: 'two' is no long`,
    );
  });
});

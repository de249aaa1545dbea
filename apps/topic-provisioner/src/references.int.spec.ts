import type { Catalogue } from '@soma/contracts';
import {
  createAdmin,
  EventConsumer,
  EventProducer,
  EventSerde,
  type KafkaSettings,
  loadEncoder,
  SchemaRegistry,
} from '@soma/kafka';
import { testConnection } from '@soma/kafka/testing';
import { createLogger } from '@soma/telemetry';
import { platform, uniqueName, waitFor } from '@soma/testing';
import { removeAll } from '../test/remove-all.js';
import { moneyName, responsesByReference, sharedCatalogue } from '../test/shared-types.js';
import { createTestJournal, type TestJournal } from '../test/test-journal.js';
import { Applier, type ApplyReport } from './apply.js';
import type { Change } from './core/types.js';
import { Provisioner } from './provisioner.js';
import { send } from './send.js';

const { kafka: cluster, registry: registrySettings } = testConnection(platform());
const admin = createAdmin(cluster, 'references-spec');
const registry = new SchemaRegistry(registrySettings);
const line = 'com.somastack.infra_ops.Line';

let tested: TestJournal;
let kafka: KafkaSettings;
const opened: Provisioner[] = [];

const provisioner = (catalogue: Catalogue): Provisioner => {
  const made = new Provisioner({ kafka, registry: registrySettings, catalogue, environment: 'local' });
  opened.push(made);
  return made;
};

const mine = (name: string): boolean => name.startsWith(kafka.topicPrefix);
const at = (name: string): string => kafka.topicPrefix + name;
const orders = (): string => at('orders.created-value');
const invoices = (): string => at('invoices.sent-value');

/** Applies schemas, and nothing else, and expects that it went well. */
const apply = async (catalogue: Catalogue): Promise<ApplyReport> => {
  const report = await new Applier(provisioner(catalogue), tested.journal).apply({
    request: { only: ['schemas'] },
    by: 'spec',
  });
  expect(report.applied.filter(({ outcome }) => !outcome.ok)).toEqual([]);
  return report;
};

const schemaChangesOf = async (catalogue: Catalogue): Promise<readonly Change[]> => {
  const { changes } = await provisioner(catalogue).plan();
  return changes.filter(({ part }) => part === 'schemas');
};

const brief = (changes: readonly Change[]) =>
  changes.map(({ resource, field, class: kind }) => [resource, field, kind]);

const versionsOf = async (): Promise<Readonly<Record<string, number[]>>> => {
  const subjects = (await registry.subjects()).filter(mine).toSorted();
  const all = subjects.map(async (one) => [
    one.slice(kafka.topicPrefix.length),
    await registry.versions(one),
  ]);
  return Object.fromEntries((await Promise.all(all)) as [string, number[]][]);
};

beforeAll(async () => {
  tested = await createTestJournal();
});

beforeEach(() => {
  kafka = { ...cluster, topicPrefix: `${uniqueName('references')}.` };
});

afterEach(async () => {
  await Promise.all(opened.splice(0).map((one) => one.close()));
  await removeAll(admin, registry, mine);
});

afterAll(async () => {
  await admin.close();
  await tested.drop();
});

const note = { name: 'note', type: 'string', default: '' };

describe('schemas that share types', () => {
  it('are registered by reference, each type once under its own subject and level', async () => {
    await apply(sharedCatalogue());
    expect(await versionsOf()).toEqual({
      [moneyName]: [1],
      unit: [1],
      [line]: [1],
      'invoices.sent-value': [1],
      'orders.created-value': [1],
    });
    const money = { name: moneyName, subject: at(moneyName), version: 1 };
    expect((await registry.version(orders(), 1))?.references).toEqual([money]);
    const { references } = (await registry.version(invoices(), 1)) ?? {};
    expect(references).toEqual(
      expect.arrayContaining([money, { name: line, subject: at(line), version: 1 }]),
    );
    expect(references).toHaveLength(2);
    expect((await registry.version(at(line), 1))?.references).toHaveLength(2);
    expect(await registry.level(at(moneyName))).toBe('FULL');
    expect(await schemaChangesOf(sharedCatalogue())).toEqual([]);
  });

  it('follow a type in which a field was added: the type and all that use it get a version', async () => {
    await apply(sharedCatalogue());
    const evolved = sharedCatalogue({ money: [note] });
    expect(brief(await schemaChangesOf(evolved))).toEqual([
      [at(moneyName), 'schema', 'safe'],
      [at(line), 'schema', 'safe'],
      [invoices(), 'schema', 'safe'],
      [orders(), 'schema', 'safe'],
    ]);
    await apply(evolved);
    expect(await versionsOf()).toMatchObject({ [moneyName]: [1, 2], unit: [1], [line]: [1, 2] });
    const money = { name: moneyName, subject: at(moneyName), version: 2 };
    expect((await registry.version(orders(), 2))?.references).toEqual([money]);
    expect((await registry.version(invoices(), 2))?.references).toContainEqual(money);
    expect((await registry.version(at(line), 2))?.references).toContainEqual(money);
    expect(await schemaChangesOf(evolved)).toEqual([]);
    // Whoever has the catalogue of before finds what it registered.
    expect(await schemaChangesOf(sharedCatalogue())).toEqual([]);
  });

  it('keep everything as it is when a type changes so that somebody could not read it', async () => {
    await apply(sharedCatalogue());
    const before = await versionsOf();
    const breaking = sharedCatalogue({ money: [{ name: 'size', type: 'int' }] });
    const report = await apply(breaking);
    expect(report.applied).toEqual([]);
    // The registry says nothing of those that only refer to it: they are compared as a whole. FORWARD allows it.
    expect(brief(report.blocked)).toEqual([
      [at(moneyName), 'schema', 'unsupported'],
      [at(line), 'schema', 'unsupported'],
      [invoices(), 'schema', 'unsupported'],
    ]);
    expect(report.blocked.at(-1)?.reason).toBe('not BACKWARD compatible with version 1');
    expect(await versionsOf()).toEqual(before);
  });
});

describe('a schema whose subject stands otherwise', () => {
  const whole = sharedCatalogue({ orders: 'defines' });

  it('stays as it is where its types are written out, and goes on so, which alone can be compared', async () => {
    await apply(whole);
    const changes = await schemaChangesOf(sharedCatalogue());
    expect(changes.filter(({ resource }) => resource === orders())).toEqual([]);
    const evolved = sharedCatalogue({ money: [note] });
    await apply(evolved);
    const second = await registry.version(orders(), 2);
    expect(second?.references ?? []).toEqual([]);
    expect(second?.schema).toContain('note');
    expect(await schemaChangesOf(evolved)).toEqual([]);
  });

  it('is refused before the first mutation where the registry could compare it in no form', async () => {
    await apply(sharedCatalogue({ compatibility: 'FULL' }));
    const before = await versionsOf();
    const { blocked, applied } = await apply(sharedCatalogue({ compatibility: 'FULL', orders: 'without' }));
    expect(applied).toEqual([]);
    expect(brief(blocked)).toEqual([[orders(), 'schema', 'unsupported']]);
    expect(blocked[0]?.reason).toContain('the registry cannot compare it with version 1');
    expect(await versionsOf()).toEqual(before);
  });
});

it('says of a schema that what it refers to is not registered, and sends nothing', async () => {
  const made = provisioner(sharedCatalogue());
  const changes = (await made.plan()).changes.filter(
    ({ mutation, resource }) => mutation.kind === 'register-schema' && resource === orders(),
  );
  const [applied] = await send(made, { kind: 'register-schema', changes });
  expect(applied?.outcome).toMatchObject({ ok: false, error: 'REFERENCE_NOT_REGISTERED' });
  expect(applied?.outcome).toHaveProperty('message', expect.stringContaining(at(moneyName)));
  expect(await versionsOf()).toEqual({});
});

it('carries events from producer to consumer that are compiled against the whole', async () => {
  const logger = createLogger({ service: 'references-spec', level: 'silent' });
  const catalogue = responsesByReference();
  const request = {};
  await new Applier(provisioner(catalogue), tested.journal).apply({ request, by: 'spec' });
  expect((await provisioner(catalogue).plan()).changes).toEqual([]);
  const subject = at('slm.responses-value');
  expect((await registry.version(subject, 'latest'))?.references).toHaveLength(1);

  const service = 'references-spec';
  const writing = new SchemaRegistry(registrySettings);
  const serde = new EventSerde(writing, kafka.topicPrefix);
  const producer = new EventProducer(kafka, { service, serde, logger });
  const received: unknown[] = [];
  const reading = new SchemaRegistry(registrySettings);
  const consumer = new EventConsumer(kafka, {
    service,
    group: 'spec',
    serde: new EventSerde(reading, kafka.topicPrefix),
    producer,
    logger,
    handlers: new Map([
      ['slm.responses', { kind: 'event', handle: ({ value }) => void received.push(value) }],
    ]),
  });
  const event = (result: string) => ({
    version: 1,
    session_id: 'c1f7a0e2-7a0e-4c2b-9d53-0e9b7a3c1d11',
    role: 'assistant' as const,
    result,
    metrics: { model: 'soma-slm-3b-r4', prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 },
    timestamp: 1_780_300_800_000,
  });
  try {
    consumer.start();
    // Another broker than the one that was asked may not know a new topic yet, and refuses it.
    await waitFor(() => producer.send('slm.responses', event('one')));
    for (const result of ['two', 'three']) await producer.send('slm.responses', event(result));
    await waitFor(() => received.length === 3, { timeoutMs: 40_000, describe: 'three events' });
    expect(JSON.parse(JSON.stringify(received))).toEqual(['one', 'two', 'three'].map(event));
    // Neither side asks anything more after the first event.
    expect([...writing.requests.values()].reduce((sum, count) => sum + count, 0)).toBe(4);
    expect([...reading.requests.values()].reduce((sum, count) => sum + count, 0)).toBe(2);
  } finally {
    await consumer.stop();
    await producer.close();
  }
  const stale = { topic: 'slm.responses', subject, schema: { type: 'record', name: 'Other', fields: [] } };
  await expect(loadEncoder(registry, stale)).rejects.toMatchObject({ code: 'SCHEMA_NOT_REGISTERED' });
}, 60_000);

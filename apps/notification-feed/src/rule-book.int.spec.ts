import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { metricsPage } from '@soma/telemetry';
import { createTestStore, logger, type TestStore } from '../test/test-store.js';
import { createRuleStore } from './adapters/rule-store.js';
import { RuleBook } from './rule-book.js';
import { createRuleMetrics } from './rule-metrics.js';

const metrics = createRuleMetrics();
let directory: string;
let test: TestStore;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'soma-rules-'));
  test = await createTestStore();
});

afterEach(async () => {
  await rm(directory, { recursive: true, force: true });
  await test.drop();
});

const write = (when: string, name = 'one') =>
  writeFile(
    join(directory, 'slm-execution.yaml'),
    `squad: slm-execution
rules:
  - { name: ${name}, on: billing.events, when: '${when}', kind: x, severity: info, title: t, body: b }
`,
  );

const open = () => new RuleBook(directory, createRuleStore(test.postgres), metrics, logger);
const ids = ({ rules }: RuleBook) => rules.map(({ id }) => id);
const told = async () => (await test.store.after('infra-ops', '0', 10)).notifications;
const broken = async () =>
  Number(/^feed_rule_files_broken(?:\{[^}]*\})? (\d+)$/m.exec((await metricsPage()).body)?.[1]);

it('takes a change, keeps the last good rules of a broken file, and tells infra-ops of it once', async () => {
  const book = open();
  await write('true');
  await book.reload(0);
  expect(ids(book)).toEqual(['slm-execution/one']);
  expect(await broken()).toBe(0);

  await write('event.cots > 1', 'two');
  await book.reload(1);
  await book.reload(2);
  await open().reload(3);
  expect(ids(book)).toEqual(['slm-execution/one']);
  expect(await broken()).toBe(1);
  expect(await told()).toMatchObject([
    {
      squads: ['infra-ops'],
      kind: 'feed.rules.broken',
      severity: 'error',
      title: 'slm-execution.yaml has 1 problem: its last good rules stay',
      body: expect.stringContaining('there is no field cots'),
      happenedAt: 1,
    },
  ]);

  await write('event.cost > 1', 'two');
  await book.reload(4);
  expect(ids(book)).toEqual(['slm-execution/two']);
  expect(await broken()).toBe(0);
  expect(await told()).toHaveLength(1);
});

it('keeps its rules while the directory cannot be read, and goes on when it can be', async () => {
  const book = open();
  await write('true');
  await book.reload(0);
  await rm(directory, { recursive: true });
  await book.reload(1);
  expect(ids(book)).toEqual(['slm-execution/one']);
  expect(await broken()).toBe(1);
  await mkdir(directory);
  await book.reload(2);
  expect(ids(book)).toEqual([]);
  expect(await broken()).toBe(0);
});

it('tells later what it could not tell', async () => {
  let away = true;
  const store = createRuleStore(test.postgres);
  const book = new RuleBook(
    directory,
    { tell: (...what) => (away ? Promise.reject(new Error('away')) : store.tell(...what)) },
    metrics,
    logger,
  );
  await write('nonsense(');
  await expect(book.reload(0)).rejects.toThrow('away');
  away = false;
  await book.reload(1);
  expect(await told()).toHaveLength(1);
});

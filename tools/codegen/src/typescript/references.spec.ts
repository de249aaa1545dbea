import { checkFiles, formatProblems } from '@soma/catalogue';
import type { Catalogue } from '@soma/contracts';
import { asyncapiYaml } from '../asyncapi/document.js';
import { contractsPage } from '../markdown/contracts-page.js';
import { typescriptModules } from './modules.js';

const field = (name: string, type: unknown) => ({ name, type, doc: `The ${name}.` });
const money = 'com.somastack.infra_ops.Money';

const topic = (name: string, record: string): readonly { path: string; text: string }[] => [
  {
    path: `infra-ops/${name}.yaml`,
    text: JSON.stringify({
      topic: name,
      owner: 'infra-ops',
      description: 'A test.',
      partitions: 1,
      replicationFactor: 1,
      key: { field: 'id', doc: 'Order.' },
      schema: {
        file: `${name}.avsc`,
        compatibility: 'FULL',
        references: [{ name: money, file: 'money.avsc' }],
      },
      classification: { level: 'internal' },
    }),
  },
  {
    path: `infra-ops/${name}.avsc`,
    text: JSON.stringify({
      type: 'record',
      name: record,
      namespace: 'com.somastack.infra_ops',
      doc: 'A test.',
      fields: [field('id', 'string'), field('price', 'Money'), field('more', ['null', money])],
    }),
  },
];

const shared = (): Catalogue => {
  const result = checkFiles([
    ...topic('orders.created', 'OrderCreated'),
    ...topic('orders.paid', 'OrderPaid'),
    {
      path: 'infra-ops/money.avsc',
      text: JSON.stringify({ type: 'record', name: money, doc: 'Money.', fields: [field('micros', 'long')] }),
    },
  ]);
  if (!result.ok) throw new Error(formatProblems(result.problems));
  return result.catalogue;
};

it('writes out the types that a schema refers to, for each topic', () => {
  const module = typescriptModules(shared()).get('orders.created.ts') ?? '';
  expect(module).toContain(
    'export interface OrdersCreatedMoney {\n  /** The micros. */\n  micros: number;\n}',
  );
  expect(module).toMatch(/price: OrdersCreatedMoney;/);
  expect(module).toMatch(/more: OrdersCreatedMoney \| null;/);
});

it('documents them with examples', () => {
  const page = contractsPage(shared());
  expect(page).toContain('| `price.micros` | `long` | The micros. |');
  expect(page).toMatch(/"price": \{\n\s+"micros": \d+\n/);
  expect(asyncapiYaml(shared())).toContain(`name: ${money}`);
});

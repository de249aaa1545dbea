import { checkFiles, formatProblems } from '@soma/catalogue';
import { type AvroField, type AvroNamed, type AvroRecord, type Catalogue, topics } from '@soma/contracts';

const described = (field: AvroField): AvroField => ({ doc: `The ${field.name}.`, ...field });

const record = (namespace: string, name: string, ...fields: readonly AvroField[]): AvroRecord => ({
  type: 'record',
  name,
  namespace,
  doc: `A ${name}.`,
  fields: fields.map(described),
});

const infraOps = 'com.somastack.infra_ops';
const identity = 'com.somastack.identity_settings';

/** Full name of the type that both topics use. */
export const moneyName = `${identity}.Money`;
const reference = { money: `{ name: ${moneyName}, file: ../identity-settings/money.avsc }` };

const spec = (topic: string, compatibility: string, references: readonly string[]): string => `topic: ${topic}
owner: infra-ops
description: What ${topic} tells.
partitions: 1
replicationFactor: 3
key: { field: tenant, doc: In order for each tenant. }
schema:
  file: ${topic}.avsc
  compatibility: ${compatibility}
${references.length > 0 ? `  references: [${references.join(', ')}]\n` : ''}classification: { level: internal, personal: [] }
producers: [{ service: shop, squad: ui-experience }]
`;

const overlay = 'environment: local\ndescription: Tests.\nkafka: { tls: false }\n';

/** The catalogue that such files make; throws with all that is wrong with them. */
const catalogueOf = (files: Readonly<Record<string, string | object>>): Catalogue => {
  const result = checkFiles(
    Object.entries({ 'environments/local.yaml': overlay, ...files }).map(([path, content]) => ({
      path,
      text: typeof content === 'string' ? content : JSON.stringify(content),
    })),
  );
  if (!result.ok) throw new Error(formatProblems(result.problems));
  return result.catalogue;
};

export interface Shared {
  /** Fields that Money has besides `micros`. */
  readonly money?: readonly AvroField[];
  /** Level of orders.created; that of invoices.sent is BACKWARD. */
  readonly compatibility?: string;
  /** Whether orders.created defines Money itself, or has none at all; it refers to it if left out. */
  readonly orders?: 'defines' | 'without';
}

const optionalMoney = (type: AvroField['type']): AvroField => ({
  name: 'paid',
  type: ['null', type],
  default: null,
});

/**
 * orders.created refers to Money, invoices.sent to Money and to Line, which refers to Money and, under a subject of its
 * own name, to Unit.
 */
export const sharedCatalogue = ({
  money = [],
  compatibility = 'FORWARD',
  orders,
}: Shared = {}): Catalogue => {
  const tenant: AvroField = { name: 'tenant', type: 'string' };
  const amount = record(identity, 'Money', { name: 'micros', type: 'long' }, ...money);
  const paid = { defines: [optionalMoney(amount)], without: [] }[orders ?? 'without'];
  return catalogueOf({
    'infra-ops/orders.created.yaml': spec(
      'orders.created',
      compatibility,
      orders === undefined ? [reference.money] : [],
    ),
    'infra-ops/orders.created.avsc': record(
      infraOps,
      'OrderCreated',
      tenant,
      ...(orders === undefined ? [optionalMoney(moneyName)] : paid),
    ),
    'infra-ops/invoices.sent.yaml': spec('invoices.sent', 'BACKWARD', [
      `{ name: ${infraOps}.Line, file: line.avsc }`,
      reference.money,
      `{ name: ${infraOps}.Unit, file: unit.avsc, subject: unit }`,
    ]),
    'infra-ops/invoices.sent.avsc': record(
      infraOps,
      'InvoiceSent',
      tenant,
      { name: 'lines', type: { type: 'array', items: 'Line' } },
      { name: 'total', type: moneyName },
    ),
    'infra-ops/line.avsc': record(
      infraOps,
      'Line',
      { name: 'price', type: moneyName },
      { name: 'unit', type: 'Unit' },
    ),
    'infra-ops/unit.avsc': {
      type: 'enum',
      name: 'Unit',
      namespace: infraOps,
      doc: 'In what it is counted.',
      symbols: ['piece', 'hour'],
      default: 'piece',
    },
    'identity-settings/money.avsc': amount,
  });
};

/** slm.responses as its programs are compiled, registered with its metrics under a subject of their own. */
export const responsesByReference = (): Catalogue => {
  const whole = topics['slm.responses'].schema;
  const name = `${whole.namespace}.SlmMetrics`;
  const metrics = whole.fields.find((field) => field.name === 'metrics')?.type as AvroNamed;
  const fields = whole.fields.map((field) => (field.name === 'metrics' ? { ...field, type: name } : field));
  return catalogueOf({
    'slm-execution/slm.responses.yaml': spec('slm.responses', 'FULL_TRANSITIVE', [
      `{ name: ${name}, file: metrics.avsc }`,
    ])
      .replace('infra-ops', 'slm-execution')
      .replace('field: tenant', 'field: session_id'),
    'slm-execution/slm.responses.avsc': { ...whole, fields },
    'slm-execution/metrics.avsc': { ...metrics, namespace: whole.namespace },
  });
};

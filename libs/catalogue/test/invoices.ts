/** A spec whose schema refers to types of other files, one of them in another squad's folder. */
const invoicesYaml = `topic: invoices.sent
owner: infra-ops
description: An invoice was sent.
partitions: 1
replicationFactor: 1
key: { field: tenant, doc: In order for each tenant. }
schema:
  file: invoices.sent.avsc
  compatibility: FULL_TRANSITIVE
  aliases: [billing-value]
  references:
    - { name: com.somastack.infra_ops.Line, file: line.avsc, subject: line }
    - { name: com.somastack.identity_settings.Money, file: ../identity-settings/money.avsc }
    - { name: com.somastack.infra_ops.Unit, file: unit.avsc }
classification: { level: internal, personal: [] }
`;

const json = (value: object): string => `${JSON.stringify(value, null, 2)}\n`;

const field = (name: string, type: unknown, more: object = {}): object => ({
  name,
  type,
  doc: `The ${name}.`,
  ...more,
});

/** The schema of {@link invoicesYaml}. */
const invoicesAvsc = json({
  type: 'record',
  name: 'InvoiceSent',
  namespace: 'com.somastack.infra_ops',
  doc: 'An invoice was sent.',
  fields: [
    field('tenant', 'string'),
    field('lines', { type: 'array', items: 'Line' }),
    field('total', 'com.somastack.identity_settings.Money'),
    field('paid', ['null', 'com.somastack.identity_settings.Money'], { default: null }),
  ],
});

/** A line of an invoice, which refers to two other types. */
const lineAvsc = json({
  type: 'record',
  name: 'Line',
  namespace: 'com.somastack.infra_ops',
  doc: 'A line of an invoice.',
  fields: [
    field('price', 'com.somastack.identity_settings.Money'),
    field('unit', 'Unit', { examples: ['hour'] }),
  ],
});

/** What Money is, with an example that is not registered. */
const moneyAvsc = json({
  type: 'record',
  name: 'Money',
  namespace: 'com.somastack.identity_settings',
  doc: 'An amount in a currency.',
  fields: [field('micros', 'long', { examples: [1, 5] }), field('currency', 'string', { default: 'EUR' })],
});

/** In what something is counted. */
const unitAvsc = json({
  type: 'enum',
  name: 'com.somastack.infra_ops.Unit',
  doc: 'In what something is counted.',
  symbols: ['piece', 'hour'],
  default: 'piece',
});

/** Files of a catalogue with one topic whose schema refers to types of three other files. */
export const invoices = {
  'infra-ops/invoices.sent.yaml': invoicesYaml,
  'infra-ops/invoices.sent.avsc': invoicesAvsc,
  'infra-ops/line.avsc': lineAvsc,
  'infra-ops/unit.avsc': unitAvsc,
  'identity-settings/money.avsc': moneyAvsc,
};

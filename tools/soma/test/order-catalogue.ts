/** A field as it stands in an .avsc file. */
export interface Field {
  readonly name: string;
  readonly type: unknown;
  readonly [attribute: string]: unknown;
}

/** A field that is documented. */
export const field = (name: string, type: unknown, more: object = {}): Field => ({
  name,
  type,
  doc: `The ${name}.`,
  ...more,
});

/** The text of the schema of a topic of infra-ops. */
export const avsc = (...more: readonly Field[]): string =>
  `${JSON.stringify(
    {
      type: 'record',
      name: 'OrderCreated',
      namespace: 'com.somastack.infra_ops',
      doc: 'Somebody ordered something.',
      fields: [field('tenant', 'string'), ...more],
    },
    null,
    2,
  )}\n`;

/** What a spec may say otherwise. */
export interface SpecChange {
  readonly topic?: string;
  readonly level?: string;
  readonly subject?: string;
  readonly schema?: string;
}

/** The text of the spec of a topic of infra-ops that ledger and feed consume. */
export const spec = ({
  topic = 'orders.created',
  level = 'FULL_TRANSITIVE',
  subject = `${topic}-value`,
  schema = '',
}: SpecChange = {}): string => `topic: ${topic}
owner: infra-ops
description: Somebody ordered something.
partitions: 1
replicationFactor: 1
key: { field: tenant, doc: In order for each tenant. }
schema:
  file: ${topic}.avsc
  compatibility: ${level}
  subject: ${subject}
${schema}classification: { level: internal, personal: [] }
producers:
  - { service: shop, squad: ui-experience }
consumers:
  - { service: ledger, squad: identity-settings }
`;

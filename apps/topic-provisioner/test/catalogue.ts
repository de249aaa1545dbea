import {
  type AvroField,
  type AvroRecord,
  type Catalogue,
  overlaySchema,
  topicSpecSchema,
} from '@soma/contracts';

/** A field that readers of older versions do not know and writers of older versions did not write. */
export const field = (name: string, more: Partial<AvroField> = {}): AvroField => ({
  name,
  type: 'string',
  ...more,
});

/** The values of {@link orders}, with what a test adds. */
export const orderSchema = (...more: readonly AvroField[]): AvroRecord => ({
  type: 'record',
  name: 'OrderCreated',
  namespace: 'com.somastack.infra_ops',
  fields: [field('tenant'), { name: 'amount', type: 'long' }, ...more],
});

export const invoiceSchema: AvroRecord = { ...orderSchema(), name: 'InvoiceSent' };

const ordersSpec = {
  topic: 'orders.created',
  owner: 'infra-ops',
  description: 'Somebody ordered something.',
  partitions: 3,
  replicationFactor: 3,
  config: { 'retention.ms': '7d', 'min.insync.replicas': 2 },
  schema: { file: 'orders.created.avsc', compatibility: 'FULL_TRANSITIVE' },
  classification: { level: 'internal' },
  producers: [{ service: 'shop', squad: 'ui-experience' }],
  consumers: [{ service: 'ledger', squad: 'identity-settings' }],
};

const invoicesSpec = {
  ...ordersSpec,
  topic: 'invoices.sent',
  partitions: 2,
  config: { 'cleanup.policy': 'compact', 'min.insync.replicas': 2 },
  schema: { file: 'invoices.sent.avsc', compatibility: 'BACKWARD' },
  producers: [{ service: 'ledger', squad: 'identity-settings' }],
  consumers: [],
};

/** Two topics, three services and an environment `local`; `orders` stands in the place of what orders.created says. */
export const catalogue = (orders: object = {}, schema: AvroRecord = orderSchema()): Catalogue => ({
  topics: [
    { spec: topicSpecSchema.parse({ ...ordersSpec, ...orders }), schema },
    { spec: topicSpecSchema.parse(invoicesSpec), schema: invoiceSchema },
  ],
  overlays: {
    local: overlaySchema.parse({ environment: 'local', description: 'Tests.', kafka: { tls: false } }),
  },
});

/** A spec that is right, for tests that make it wrong. */
export const ordersYaml = `topic: orders.created
owner: infra-ops
description: Somebody ordered something.
partitions: 3
replicationFactor: 3
config:
  retention.ms: 7d
  min.insync.replicas: 2
key:
  field: tenant
  doc: In order for each tenant.
schema:
  file: orders.created.avsc
  compatibility: FULL_TRANSITIVE
classification:
  level: internal
  personal: [buyer.name]
producers:
  - { service: shop, squad: ui-experience }
consumers:
  - { service: ledger, squad: identity-settings }
`;

/** The schema of {@link ordersYaml}. */
export const ordersAvsc = `{
  "type": "record",
  "name": "OrderCreated",
  "namespace": "com.somastack.infra_ops",
  "doc": "Somebody ordered something.",
  "fields": [
    { "name": "tenant", "type": "string", "doc": "Who pays." },
    { "name": "amount", "type": "long", "doc": "How many.", "default": 1, "examples": [1, 9] },
    {
      "name": "buyer",
      "type": {
        "type": "record",
        "name": "Buyer",
        "fields": [{ "name": "name", "type": "string", "doc": "Name on the parcel." }]
      },
      "doc": "Who ordered."
    }
  ]
}
`;

/** Files of a catalogue with one topic. */
export const orders = {
  'infra-ops/orders.created.yaml': ordersYaml,
  'infra-ops/orders.created.avsc': ordersAvsc,
};

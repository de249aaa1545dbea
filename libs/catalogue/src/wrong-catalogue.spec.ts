import { withFiles } from '../test/directory.js';
import { orders, ordersAvsc, ordersYaml } from '../test/orders.js';
import { loadCatalogue } from './load-catalogue.js';
import { formatProblems } from './problem.js';

const wrong = {
  ...orders,
  'infra-ops/stock.changed.yaml': `topic: stock.moved
owner: identity-settings
description: The stock changed.
partitions: many
replication: 3
config:
  retention.ms: 7 days
  retention.msec: 1
key:
  field: amount
  doc: In order.
schema:
  file: stock.changed.avsc
  compatibility: SOMEWHAT
classification:
  level: public
  personal: [keeper, owner]
producers:
  - { service: shop, squad: infra-ops }
consumers:
  - { service: led, squad: moon }
`,
  'infra-ops/stock.changed.avsc': `{
  "type": "record",
  "name": "StockChanged",
  "namespace": "com.somastack.infra_ops",
  "doc": "The stock changed.",
  "fields": [
    { "name": "amount", "type": "long" },
    { "name": "at", "type": { "type": "long", "logicalType": "timestamp-milis" }, "doc": "When." },
    { "name": "keeper", "type": "string", "doc": "Who." }
  ]
}
`,
  'ui-experience/orders_created.yaml': ordersYaml
    .replace('orders.created', 'orders_created')
    .replace('infra-ops', 'ui-experience')
    .replace('orders.created.avsc', 'orders_created.avsc'),
  'ui-experience/orders_created.avsc': ordersAvsc
    .replace('"long", "doc": "How many.", "default": 1, "examples": [1, 9]', '"lang", "doc": "How many."')
    .replace('infra_ops', 'ui_experience'),
  'ui-experience/broken.yaml': 'topic: broken\n  owner: ui-experience\n',
  'ui-experience/broken.avsc': '{\n  "type": "record",\n  "name": Broken\n}\n',
  'slm-execution/lost.avsc': ordersAvsc,
  'environments/staging.yaml': `environment: prod
description: A test.
kafka: { tls: true }
defaults:
  replicationFactor: 1
topics:
  orders.created:
    owner: infra-ops
  orders.deleted:
    partitions: 1
quotas:
  stranger: { producer_byte_rate: 10MiB }
  default: { producer_byte_rate: fast, request_percentage: 0 }
`,
};

const reported = async (files: Readonly<Record<string, string>>): Promise<readonly string[]> =>
  withFiles(files, async (directory) => {
    const result = await loadCatalogue(directory);
    return formatProblems(result.problems)
      .replaceAll(`${directory}/`, '')
      .split('\n')
      .filter((line) => line !== '');
  });

it('reports every mistake of a catalogue at once, each with its line and what is allowed', async () => {
  expect(await reported(wrong)).toMatchInlineSnapshot(`
    [
      "environments/staging.yaml:1:14 environment — prod stands in the file environments/staging.yaml; allowed: staging",
      "environments/staging.yaml:8:5 topics[orders.created].owner — unknown key; allowed: partitions, replicationFactor, config",
      "environments/staging.yaml:9:3 topics[orders.deleted] — there is no such topic; allowed: orders.created, stock.moved, orders_created",
      "environments/staging.yaml:12:3 quotas.stranger — no topic names this service; allowed: default, shop, ledger, led",
      "environments/staging.yaml:13:34 quotas.default.producer_byte_rate — "fast" is no rate; allowed: a size for each second such as 10MiB",
      "environments/staging.yaml:13:60 quotas.default.request_percentage — 0 does not fit; allowed: a number above 0",
      "infra-ops/stock.changed.avsc:7:5 fields[0].doc — the field amount has no doc; allowed: a sentence that says what it means",
      "infra-ops/stock.changed.avsc:8:62 fields[1].type.logicalType — unknown logical type "timestamp-milis"; allowed: uuid, decimal, date, time-millis, time-micros, timestamp-millis, timestamp-micros, local-timestamp-millis, local-timestamp-micros, duration",
      "infra-ops/stock.changed.yaml:1:1 replicationFactor — is missing; allowed: a whole number",
      "infra-ops/stock.changed.yaml:1:8 topic — the topic stock.moved stands in the file stock.changed.yaml; allowed: the file stock.moved.yaml",
      "infra-ops/stock.changed.yaml:2:8 owner — identity-settings is not the squad of the folder infra-ops; allowed: infra-ops",
      "infra-ops/stock.changed.yaml:4:13 partitions — "many" does not fit; allowed: a whole number",
      "infra-ops/stock.changed.yaml:5:1 replication — unknown key; allowed: topic, owner, adopted, description, partitions, replicationFactor, config, strict, key, schema, classification, producers, consumers, acls, deadLetter, deprecated",
      "infra-ops/stock.changed.yaml:7:17 config[retention.ms] — "7 days" is no value for it; allowed: a duration such as 500ms, 30s, 15m, 12h or 7d, a number of milliseconds, or -1 for no limit",
      "infra-ops/stock.changed.yaml:8:19 config[retention.msec] — unknown topic configuration; allowed: cleanup.policy, compression.gzip.level, compression.lz4.level, compression.type, compression.zstd.level, delete.retention.ms, file.delete.delay.ms, flush.messages, flush.ms, index.interval.bytes, local.retention.bytes, local.retention.ms, max.compaction.lag.ms, max.message.bytes, message.timestamp.after.max.ms, message.timestamp.before.max.ms, message.timestamp.type, min.cleanable.dirty.ratio, min.compaction.lag.ms, min.insync.replicas, preallocate, remote.log.copy.disable, remote.log.delete.on.disable, remote.storage.enable, retention.bytes, retention.ms, segment.bytes, segment.index.bytes, segment.jitter.ms, segment.ms, unclean.leader.election.enable",
      "infra-ops/stock.changed.yaml:10:10 key.field — the field amount is no plain string; allowed: keeper",
      "infra-ops/stock.changed.yaml:14:18 schema.compatibility — "SOMEWHAT" does not fit; allowed: NONE | BACKWARD | BACKWARD_TRANSITIVE | FORWARD | FORWARD_TRANSITIVE | FULL | FULL_TRANSITIVE",
      "infra-ops/stock.changed.yaml:16:10 classification.level — a topic with personal data cannot be public; allowed: internal | confidential",
      "infra-ops/stock.changed.yaml:17:22 classification.personal[1] — the schema has no field owner; allowed: amount, at, keeper",
      "infra-ops/stock.changed.yaml:19:29 producers[0].squad — shop belongs to ui-experience in infra-ops/orders.created.yaml; allowed: ui-experience",
      "infra-ops/stock.changed.yaml:21:28 consumers[0].squad — "moon" does not fit; allowed: memory-constitution | slm-execution | policy-orchestration | identity-settings | ui-experience | infra-ops",
      "slm-execution/lost.avsc:1:1 — no topic names this schema; allowed: schema.file or schema.references of a spec",
      "slm-execution/lost.avsc:4:16 warning: namespace — the namespace is com.somastack.infra_ops; allowed: com.somastack.slm_execution",
      "ui-experience/broken.avsc:3:11 — no JSON: here should stand a value",
      "ui-experience/broken.yaml:1:8 — Nested mappings are not allowed in compact mappings",
      "ui-experience/orders_created.avsc:8:33 fields[1].type — unknown type lang; allowed: null, boolean, int, long, float, double, bytes, string, record, enum, fixed, array, map, com.somastack.ui_experience.OrderCreated",
      "ui-experience/orders_created.yaml:1:8 topic — orders_created clashes with orders.created in infra-ops/orders.created.yaml:1:8: Kafka takes dots and underscores for the same; allowed: another name",
    ]
  `);
});

const withSpec = (from: string, to: string) => ({
  ...orders,
  'infra-ops/orders.created.yaml': ordersYaml.replace(from, to),
});
const withSchema = (from: string, to: string) => ({
  ...orders,
  'infra-ops/orders.created.avsc': ordersAvsc.replace(from, to),
});
const status = '{ "name": "Status", "type": "enum", "symbols": ["OPEN", "SHUT"] }';

describe('of a spec and its schema it reports', () => {
  it.each([
    ['nothing, if nothing is wrong', orders, undefined],
    [
      'a key that the schema does not have',
      withSpec('field: tenant', 'field: customer'),
      '10:10 key.field — the schema has no field customer; allowed: tenant',
    ],
    [
      'a key that is no string',
      withSpec('field: tenant', 'field: amount'),
      '10:10 key.field — the field amount is no plain string; allowed: tenant',
    ],
    [
      'personal data that the schema does not have',
      withSpec('buyer.name', 'buyer.mail'),
      '17:14 classification.personal[0] — the schema has no field buyer.mail; allowed: tenant, amount, buyer, buyer.name',
    ],
    [
      'personal data in public',
      withSpec('level: internal', 'level: public'),
      '16:10 classification.level — a topic with personal data cannot be public; allowed: internal | confidential',
    ],
    [
      'more replicas in sync than there are',
      withSpec('min.insync.replicas: 2', 'min.insync.replicas: 4'),
      '8:24 config[min.insync.replicas] — min.insync.replicas 4 is more than the replication factor 3: nothing could be written; allowed: at most the replication factor',
    ],
    [
      'a duplicate key of YAML',
      withSpec('partitions: 3', 'partitions: 3\npartitions: 4'),
      '5:1 — Map keys must be unique',
    ],
    [
      'a missing key',
      withSpec('partitions: 3\n', ''),
      '1:1 partitions — is missing; allowed: a whole number',
    ],
    [
      'a service that stands there twice',
      withSpec('consumers:', '  - { service: shop, squad: ui-experience }\nconsumers:'),
      '20:16 producers[1].service — shop stands among the producers twice',
    ],
    [
      'a removal before the deprecation',
      withSpec(
        'producers:',
        'deprecated: { since: 2027-01-01, remove: 2026-01-01, note: Use carts. }\nproducers:',
      ),
      '18:42 deprecated.remove — 2026-01-01 is not after 2027-01-01; allowed: a later date',
    ],
    ['a default that does not fit', withSchema('"default": 1', '"default": "one"'), 'fields[1] — '],
    [
      'an example that does not fit',
      withSchema('[1, 9]', '[1, "nine"]'),
      '8:91 fields[1].examples[1] — the example "nine" is no value of the field amount',
    ],
    [
      'an example of a field that is not there',
      withSchema('"fields": [\n    {', '"examples": [{ "tenent": "a" }],\n  "fields": [\n    {'),
      '6:18 examples[0].tenent — the record has no field tenent; allowed: tenant, amount, buyer',
    ],
    [
      'a union that a reader cannot tell apart',
      withSchema('"type": "long"', '"type": ["int", "double"]'),
      '8:41 fields[1].type[1] — two branches are a number to a reader; allowed: branches of different kinds',
    ],
    [
      'a logical type on the wrong type',
      withSchema(
        '"type": "string", "doc": "Name on the parcel."',
        '"type": { "type": "int", "logicalType": "uuid" }, "doc": "Number."',
      ),
      'type.logicalType — "uuid" cannot stand on int; allowed: string | fixed',
    ],
    [
      'a default that is no symbol',
      withSchema(
        '"type": "long", "doc": "How many.", "default": 1, "examples": [1, 9]',
        `"type": ${status.replace(']', '], "default": "LOST"')}, "doc": "Status."`,
      ),
      'fields[1].type.default — the default is none of the symbols; allowed: OPEN | SHUT',
    ],
  ])('%s', async (_, files, expected) => {
    const lines = await reported(files);
    expect(lines).toHaveLength(expected === undefined ? 0 : 1);
    expect(lines.join('\n')).toContain(expected ?? '');
  });

  it('a schema that is not there, and the one that nobody names instead', async () => {
    expect(await reported(withSpec('orders.created.avsc', 'orders.avsc'))).toEqual([
      'infra-ops/orders.created.avsc:1:1 — no topic names this schema; allowed: schema.file or schema.references of a spec',
      'infra-ops/orders.created.yaml:13:9 schema.file — there is no file infra-ops/orders.avsc; allowed: an .avsc file in the same folder',
    ]);
  });

  it("a warning for an enum that cannot grow, and for a namespace that is not the squad's", async () => {
    const files = {
      ...orders,
      'infra-ops/orders.created.avsc': ordersAvsc
        .replace(
          '"type": "long", "doc": "How many.", "default": 1, "examples": [1, 9]',
          `"type": ${status}, "doc": "Status."`,
        )
        .replace('infra_ops', 'shop'),
    };
    expect(await reported(files)).toMatchInlineSnapshot(`
      [
        "infra-ops/orders.created.avsc:4:16 warning: namespace — the namespace is com.somastack.shop; allowed: com.somastack.infra_ops",
        "infra-ops/orders.created.avsc:8:33 warning: fields[1].type — the enum Status has no default, so it can never get another symbol; allowed: "default": one of OPEN | SHUT",
      ]
    `);
  });
});

describe('between files it reports', () => {
  const second = (from: string, to: string) => ({
    ...orders,
    'infra-ops/orders.deleted.yaml': ordersYaml
      .replaceAll('orders.created', 'orders.deleted')
      .replace(from, to),
    'infra-ops/orders.deleted.avsc': ordersAvsc
      .replaceAll('OrderCreated', 'OrderDeleted')
      .replaceAll('Buyer', 'Deleter'),
  });

  it('an environment in which nothing could be written', async () => {
    const overlay =
      'environment: one\ndescription: One broker.\nkafka: { tls: false }\ndefaults: { replicationFactor: 1 }\n';
    expect(await reported({ ...orders, 'environments/one.yaml': overlay })).toEqual([
      'environments/one.yaml:1:1 topics[orders.created] — orders.created: min.insync.replicas 2 is more than the replication factor 1: nothing could be written; allowed: at most the replication factor',
    ]);
  });

  it.each([
    ['nothing, if nothing is wrong', second('', ''), undefined],
    [
      'a service that belongs to two squads',
      second('squad: ui-experience', 'squad: infra-ops'),
      'producers[0].squad — shop belongs to ui-experience in infra-ops/orders.created.yaml; allowed: ui-experience',
    ],
    [
      'consumer groups that cover each other',
      second('service: ledger,', 'service: ledger-archive,'),
      'consumers[0].group — the group prefix ledger-archive of ledger-archive and ledger of ledger cover the same groups',
    ],
    [
      'a subject that is taken',
      second('  compatibility', '  subject: orders.created-value\n  compatibility'),
      'schema.subject — the subject orders.created-value is already that of infra-ops/orders.created.yaml',
    ],
    [
      'a type that is defined twice, differently',
      {
        ...second('', ''),
        'infra-ops/orders.deleted.avsc': ordersAvsc
          .replace('"OrderCreated"', '"OrderDeleted"')
          .replace('Name on the parcel', 'Name'),
      },
      'com.somastack.infra_ops.Buyer is defined otherwise in infra-ops/orders.created.avsc',
    ],
    [
      'a topic that another topic needs for its dead letters',
      {
        ...orders,
        'infra-ops/orders.created.dlq.yaml': ordersYaml
          .replaceAll('orders.created', 'orders.created.dlq')
          .replace(/consumers[^]*/, '')
          .replace('.created.dlq.avsc', '.avsc'),
        'infra-ops/orders.avsc': ordersAvsc,
      },
      'orders.created.dlq is already declared in infra-ops/',
    ],
  ])('%s', async (_, files, expected) => {
    const lines = await reported(files);
    expect(lines).toHaveLength(expected === undefined ? 0 : 1);
    expect(lines.join('\n')).toContain(expected ?? '');
  });
});

import { generateEvent } from '@soma/catalogue';
import { type CatalogueTopic, deadLetterTopic, type TopicSpec } from '@soma/contracts';
import { identifier, reference } from './identifier.js';

const bindingVersion = '0.5.0';

// The only configurations that AsyncAPI's binding for Kafka has names for; numbers there, texts in Kafka.
const bound = ['retention.ms', 'retention.bytes', 'delete.retention.ms', 'max.message.bytes'];

const topicConfiguration = ({ config }: TopicSpec): object => ({
  'cleanup.policy': (config['cleanup.policy'] ?? 'delete').split(','),
  ...Object.fromEntries(
    bound.flatMap((name) => (config[name] === undefined ? [] : [[name, Number(config[name])]])),
  ),
});

/** The channel that a topic is. */
export const channel = ({ spec }: CatalogueTopic): object => {
  const id = identifier(spec.topic);
  const letters = spec.deadLetter ? ` What cannot be handled goes to ${deadLetterTopic(spec.topic)}.` : '';
  return {
    address: spec.topic,
    title: spec.topic,
    description: `${spec.description}${letters}`,
    messages: { [id]: reference('components', 'messages', id) },
    tags: [{ name: spec.owner }],
    bindings: {
      kafka: {
        topic: spec.topic,
        partitions: spec.partitions,
        replicas: spec.replicationFactor,
        topicConfiguration: topicConfiguration(spec),
        bindingVersion,
      },
    },
  };
};

/** The message that a topic carries, with its Avro schema. */
export const message = (topic: CatalogueTopic): object => {
  const { spec, schema, annotated } = topic;
  const event = generateEvent(topic, 1, 0);
  return {
    name: schema?.name ?? spec.topic,
    title: schema?.name ?? spec.topic,
    summary: annotated?.doc ?? spec.description,
    contentType: schema ? 'application/vnd.apache.avro' : 'application/octet-stream',
    traits: [reference('components', 'messageTraits', 'cloudEvent')],
    ...(schema && { payload: { schemaFormat: 'application/vnd.apache.avro;version=1.9.0', schema } }),
    bindings: {
      kafka: {
        key: { type: 'string', ...(spec.key && { description: spec.key.doc }) },
        ...(schema && { schemaIdLocation: 'payload', schemaIdPayloadEncoding: 'confluent' }),
        bindingVersion,
      },
    },
    ...(event && { examples: [{ name: 'generated', payload: event.value }] }),
    ...(spec.deprecated && {
      description: `Deprecated since ${spec.deprecated.since}, goes on ${spec.deprecated.remove}: ${spec.deprecated.note}`,
    }),
  };
};

const operation = (action: 'send' | 'receive', topic: string, squad: string, kafka: object): object => {
  const id = identifier(topic);
  return {
    action,
    channel: reference('channels', id),
    messages: [reference('channels', id, 'messages', id)],
    tags: [{ name: squad }],
    bindings: { kafka: { ...kafka, bindingVersion } },
  };
};

/** What the services of the squads do with a topic, by the identifiers of the operations. */
export const operations = ({ spec }: CatalogueTopic): readonly (readonly [string, object])[] => [
  ...spec.producers.map(({ service, squad }): [string, object] => {
    const clientId = { type: 'string', description: `Begins with ${service}.` };
    return [identifier(service, 'sends', spec.topic), operation('send', spec.topic, squad, { clientId })];
  }),
  ...spec.consumers.map(({ service, squad, group }): [string, object] => {
    const groupId = { type: 'string', pattern: `^${group}` };
    return [
      identifier(service, 'receives', spec.topic),
      operation('receive', spec.topic, squad, { groupId }),
    ];
  }),
];

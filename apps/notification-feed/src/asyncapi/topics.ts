import { topics, type TopicName } from '@soma/contracts';
import { feedTopics } from '../core/rules/feed-topics.js';
import { serviceName } from '../service-name.js';
import { type Json, reference } from './reference.js';

/** The topic that tells auditors; the feed reads it as well. */
const auditTopic = 'identity.audit' satisfies TopicName;

const bindingVersion = '0.5.0';
const avro = 'application/vnd.apache.avro';

/** Words joined the way AsyncAPI names things: `settings.changed` is `settingsChanged`. */
const identifier = (...words: readonly string[]): string =>
  words
    .join('.')
    .split('.')
    .map((word, index) => (index === 0 ? word : `${word.charAt(0).toUpperCase()}${word.slice(1)}`))
    .join('');

const text = (description: string): Json => ({ type: 'string', description });

/** What every record of a topic carries. */
const cloudEventHeaders: Json = {
  type: 'object',
  required: ['ce_specversion', 'ce_id', 'ce_type', 'ce_source', 'ce_time'],
  properties: {
    ce_specversion: { type: 'string', const: '1.0' },
    ce_id: text('Id of the event; a repeat has the same.'),
    ce_type: text('What kind of event it is.'),
    ce_source: text('Service that sent it.'),
    ce_time: text('When it was sent, RFC 3339.'),
  },
};

/** What is said of a record that could not be handled, besides its own headers. */
const deadLetterHeaders: Json = {
  type: 'object',
  required: ['soma_dlq_reason', 'soma_dlq_error', 'soma_dlq_topic', 'soma_dlq_partition', 'soma_dlq_offset'],
  properties: {
    soma_dlq_reason: { type: 'string', enum: ['undecodable', 'unknown-schema', 'handler-failed'] },
    soma_dlq_error: text('What went wrong.'),
    soma_dlq_topic: text('Where it came from, as are the next two.'),
    soma_dlq_partition: text('Number.'),
    soma_dlq_offset: text('64-bit number.'),
  },
};

const channel = (address: string, message: Json): Json => ({
  address,
  servers: [reference('servers', 'kafka')],
  messages: { event: message },
  bindings: { kafka: { topic: address, bindingVersion } },
});

const eventOf = (topic: TopicName): Json => {
  const { schema } = topics[topic];
  return {
    name: schema.name,
    contentType: avro,
    headers: cloudEventHeaders,
    payload: { schemaFormat: `${avro};version=1.9.0`, schema },
    bindings: {
      kafka: {
        key: text(`The field ${topics[topic].key}.`),
        schemaIdLocation: 'payload',
        schemaIdPayloadEncoding: 'confluent',
        bindingVersion,
      },
    },
  };
};

const deadLetterOf = (topic: TopicName): Json => ({
  name: 'DeadLetter',
  description: `A record of ${topic} that could not be handled, its bytes untouched.`,
  contentType: 'application/octet-stream',
  headers: deadLetterHeaders,
});

const operation = (action: 'send' | 'receive', channelId: string, summary: string): Json => ({
  action,
  summary,
  channel: reference('channels', channelId),
  messages: [reference('channels', channelId, 'messages', 'event')],
  ...(action === 'receive' && {
    bindings: {
      kafka: { groupId: { type: 'string', enum: [serviceName] }, bindingVersion },
    },
  }),
});

/** The topics that the feed reads and writes, by the name that the catalogue gives them. */
export const topicChannels: Json = Object.fromEntries(
  feedTopics.flatMap((topic) => [
    [identifier(topic), channel(topic, eventOf(topic))],
    [identifier(topic, 'dlq'), channel(topics[topic].deadLetter, deadLetterOf(topic))],
  ]),
);

/** What the feed does with them. */
export const topicOperations: Json = {
  ...Object.fromEntries(
    feedTopics.flatMap((topic) => {
      const [id, letters] = [identifier(topic), identifier(topic, 'dlq')];
      return [
        [
          `${id}Receive`,
          operation('receive', id, 'Makes notifications of it, or asks the rules of the squads'),
        ],
        [`${letters}Send`, operation('send', letters, 'Puts aside what cannot be handled')],
      ];
    }),
  ),
  [`${identifier(auditTopic)}Send`]: operation(
    'send',
    identifier(auditTopic),
    'Tells auditors of tokens, webhooks, and squads that were refused',
  ),
};

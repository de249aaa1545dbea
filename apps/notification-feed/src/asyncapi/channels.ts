import { gapAnswer, notificationAnswer } from '../http/answers.js';
import { closings, messageTooBig, policyViolation } from '../http/close-codes.js';
import {
  ackMessage,
  sseFields,
  webhookHeaders,
  webhookMessages,
  webSocketMessages,
} from '../http/messages.js';
import { streamHeaders, streamQuery, webSocketQuery } from '../http/requests.js';
import { webSocketPath } from '../http/websocket.js';
import { type Json, jsonSchema, reference } from './reference.js';

const json = 'application/json';

/** A block of server-sent events: what JSON Schema can say of its fields are the headers, its data is the payload. */
const sseMessages: Json = {
  notification: {
    contentType: json,
    summary: 'One notification',
    headers: jsonSchema(sseFields.notification),
    payload: jsonSchema(notificationAnswer),
  },
  gap: {
    contentType: json,
    summary: 'What is missing',
    headers: jsonSchema(sseFields.gap),
    payload: jsonSchema(gapAnswer),
  },
  cursor: {
    summary: 'No event: it moves the cursor of a quiet feed along',
    headers: jsonSchema(sseFields.cursor),
  },
};

const closeCodes = [
  ...Object.entries(closings).map(([reason, { code, means }]) => ({ code, reason, description: means })),
  { code: policyViolation, description: 'the client sent something else than an acknowledgement' },
  { code: messageTooBig, description: 'the client sent more than an acknowledgement takes' },
];

const webhookMessage = (summary: string, payload: Json): Json => ({
  contentType: json,
  summary,
  headers: jsonSchema(webhookHeaders),
  payload,
});

/** The ways to readers and receivers. */
export const readerChannels: Json = {
  stream: {
    address: '/v1/stream',
    title: 'Server-sent events',
    description:
      'What is stored behind a cursor, then what happens. Each block is a message: its fields are the headers, its ' +
      'data is the payload. Comments keep an idle connection open.',
    servers: [reference('servers', 'http')],
    messages: sseMessages,
  },
  webSocket: {
    address: webSocketPath,
    title: 'WebSocket',
    description:
      'The same, with acknowledgements of named consumers. Browsers offer soma.feed.v1 and bearer.<token>.',
    servers: [reference('servers', 'webSocket')],
    messages: {
      ...Object.fromEntries(
        Object.entries(webSocketMessages).map(([name, schema]) => [
          name,
          { contentType: json, payload: jsonSchema(schema) },
        ]),
      ),
      ack: { contentType: json, payload: jsonSchema(ackMessage, 'input') },
    },
    bindings: {
      ws: { method: 'GET', query: jsonSchema(webSocketQuery, 'input'), bindingVersion: '0.1.0' },
    },
    'x-close-codes': closeCodes,
  },
  webhook: {
    // Whoever registers a webhook says where.
    address: null,
    title: 'Webhooks',
    description: 'Standard Webhooks: at least once, signed, tried again until the receiver answers with 2xx.',
    servers: [reference('servers', 'receiver')],
    messages: {
      notification: webhookMessage('A notification', jsonSchema(webhookMessages.notification)),
      test: webhookMessage('What the test route sends', jsonSchema(webhookMessages.test)),
    },
  },
};

const operation = (
  action: 'send' | 'receive',
  channel: string,
  { summary, messages, more }: { summary: string; messages: readonly string[]; more: Json },
): Json => ({
  action,
  summary,
  channel: reference('channels', channel),
  messages: messages.map((message) => reference('channels', channel, 'messages', message)),
  ...more,
});

const guarded: Json = { security: [reference('components', 'securitySchemes', 'bearer')] };
const http = (binding: Json): Json => ({ bindings: { http: { ...binding, bindingVersion: '0.3.0' } } });

/** What the service does with them. */
export const readerOperations: Json = {
  streamSend: operation('send', 'stream', {
    summary: 'Tells a reader of server-sent events; Last-Event-ID counts more than after',
    messages: Object.keys(sseFields),
    more: {
      ...guarded,
      ...http({
        method: 'GET',
        query: jsonSchema(streamQuery.extend(streamHeaders.partial().shape), 'input'),
      }),
    },
  }),
  webSocketSend: operation('send', 'webSocket', {
    summary: 'Tells a reader behind a WebSocket',
    messages: Object.keys(webSocketMessages),
    more: guarded,
  }),
  webSocketReceive: operation('receive', 'webSocket', {
    summary: 'Remembers what a named consumer has done',
    messages: ['ack'],
    more: guarded,
  }),
  webhookSend: operation('send', 'webhook', {
    summary: 'Tells a receiver',
    messages: Object.keys(webhookMessages),
    more: http({ method: 'POST' }),
  }),
};

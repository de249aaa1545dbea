import { serviceName } from '../service-name.js';
import { readerChannels, readerOperations } from './channels.js';
import { type Json, reference } from './reference.js';
import { topicChannels, topicOperations } from './topics.js';

const server = (protocol: string, description: string): Json => ({
  host: '{host}',
  protocol,
  description,
  variables: { host: { description: 'Host and port: they are another in every environment.' } },
});

/** The AsyncAPI 3 document of the feed: whatever it sends and takes besides requests, from what it sends and takes it with. */
export const asyncApi = (): Json => ({
  asyncapi: '3.0.0',
  info: {
    title: serviceName,
    version: '1.0.0',
    description: 'What happened, per squad. Requests and their answers are in /v1/openapi.json.',
  },
  defaultContentType: 'application/json',
  servers: {
    http: server('http', 'Where this document comes from.'),
    webSocket: server('ws', 'The same host and port.'),
    receiver: server('https', 'Host and path of the URL that was registered.'),
    kafka: {
      ...server('kafka', 'The brokers of the environment.'),
      security: [reference('components', 'securitySchemes', 'scram')],
    },
  },
  channels: { ...readerChannels, ...topicChannels },
  operations: { ...readerOperations, ...topicOperations },
  components: {
    securitySchemes: {
      bearer: {
        type: 'http',
        scheme: 'bearer',
        description: 'A token with the scope feed:read for the squad.',
      },
      scram: { type: 'scramSha512', description: 'The user is the name of the service.' },
    },
  },
});

import { openSync, writeSync } from 'node:fs';
import {
  EventConsumer,
  EventProducer,
  EventSerde,
  type Handler,
  kafkaEnv,
  kafkaSettings,
  registrySettings,
  SchemaRegistry,
} from '@soma/kafka';
import { createLogger } from '@soma/telemetry';
import { z } from 'zod';

/**
 * A consuming service that is meant to be killed: it writes each event that it has handled to the file named by
 * its argument, one `tenant version` a line. What `write` has taken survives SIGKILL.
 */
const env = z.object(kafkaEnv).parse(process.env);
const log = openSync(process.argv[2] ?? '', 'a');
const logger = createLogger({ service: 'trial-consumer', level: 'warn' });
const settings = kafkaSettings(env);
const serde = new EventSerde(new SchemaRegistry(registrySettings(env)), settings.topicPrefix);
const producer = new EventProducer(settings, { service: 'trial-consumer', serde, logger });

const handler: Handler<'settings.changed'> = {
  kind: 'event',
  handle: ({ value }) => {
    if (value.tenant === 'broken') throw new Error('this tenant cannot be handled');
    writeSync(log, `${value.tenant} ${value.version}\n`);
  },
};

const consumer = new EventConsumer(settings, {
  service: 'trial-consumer',
  group: 'trial',
  serde,
  producer,
  logger,
  handlers: new Map([['settings.changed', handler]]),
  retry: { attempts: 3, initialMs: 10, maxMs: 50 },
});
consumer.start();
process.stdout.write('{"msg":"listening","url":"none"}\n');

process.on('SIGTERM', () => {
  consumer
    .stop()
    .then(() => producer.close())
    .then(
      () => process.exit(0),
      () => process.exit(1),
    );
});

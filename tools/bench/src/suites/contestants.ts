import { Controller, Module, type Type } from '@nestjs/common';
import type { EventOf } from '@soma/contracts';
import {
  createClient,
  createKafkaEvents,
  EventConsumer,
  EventPattern,
  EventProducer,
  EventSerde,
  kafkaEnv,
  type KafkaSettings,
  SchemaRegistry,
} from '@soma/kafka';
import { HealthRegistry, serviceEnv, startService } from '@soma/service-kit';
import { createLogger } from '@soma/telemetry';
import { z } from 'zod';
import type { Connection } from '../connection.js';
import { Stopwatch } from './stopwatch.js';

export const topic = 'settings.changed';
const logger = createLogger({ service: 'bench', level: 'silent' });
/** The same for all of them: what EventConsumer takes unless told otherwise. */
const partitionsAtOnce = 4;
const bytesPerPartition = 1_048_576;
const waitMs = 500;

/** A filled topic and how to reach it. */
export interface Filled extends Connection {
  readonly kafka: KafkaSettings;
  readonly events: number;
}

/** Reads the whole topic once in a group of its own; events per second from the first event to the last. */
export type Contestant = (filled: Filled, group: string) => Promise<number>;

/** kafkajs alone: counts and resolves. */
export const bareKafkajs: Contestant = async ({ kafka, events }, group) => {
  const stopwatch = new Stopwatch(events);
  const consumer = createClient(kafka, { clientId: 'bench', logger }).consumer({
    groupId: kafka.topicPrefix + group,
    maxBytesPerPartition: bytesPerPartition,
    maxWaitTimeInMs: waitMs,
    allowAutoTopicCreation: false,
  });
  try {
    await consumer.connect();
    await consumer.subscribe({ topic: kafka.topicPrefix + topic, fromBeginning: true });
    await consumer.run({
      eachBatchAutoResolve: false,
      partitionsConsumedConcurrently: partitionsAtOnce,
      eachBatch: (payload) => {
        stopwatch.see(payload.batch.messages.length);
        payload.resolveOffset(payload.batch.lastOffset());
        return Promise.resolve();
      },
    });
    return await stopwatch.done;
  } finally {
    await consumer.disconnect();
  }
};

/** The typed consumer with a handler that counts. */
export const typedConsumer: Contestant = async ({ kafka, registry, events }, group) => {
  const stopwatch = new Stopwatch(events);
  const serde = new EventSerde(new SchemaRegistry(registry), kafka.topicPrefix);
  const producer = new EventProducer(kafka, { service: 'bench', serde, logger });
  const handler = { kind: 'event', handle: () => stopwatch.see(1) } as const;
  const consumer = new EventConsumer(kafka, {
    service: 'bench',
    group,
    serde,
    producer,
    logger,
    handlers: new Map([[topic, handler]]),
  });
  try {
    consumer.start();
    return await stopwatch.done;
  } finally {
    await consumer.stop();
    await producer.close();
  }
};

const runService = async (
  { kafka, env }: Filled,
  group: string,
  module: Type,
  done: Promise<number>,
): Promise<number> => {
  const service = await startService(
    {
      name: 'bench',
      version: '0.1.0',
      config: z.object({ ...serviceEnv, ...kafkaEnv }),
      module: () => module,
      strategies: (app, config) => [
        createKafkaEvents(config, { service: 'bench', group, logger, health: app.get(HealthRegistry) }),
      ],
    },
    {
      ...env,
      SOMA_TOPIC_PREFIX: kafka.topicPrefix,
      SOMA_LOG_LEVEL: 'silent',
      SOMA_HTTP_PORT: '0',
      SOMA_AUTH_TOKENS_FILE: undefined,
    },
  );
  try {
    return await done;
  } finally {
    await service.stop();
  }
};

/** A Nest service, as a squad writes it, with a handler that counts. */
export const nestService: Contestant = (filled, group) => {
  const stopwatch = new Stopwatch(filled.events);

  @Controller()
  class CountingController {
    @EventPattern(topic)
    count(): void {
      stopwatch.see(1);
    }
  }

  @Module({ controllers: [CountingController] })
  class CountingModule {}

  return runService(filled, group, CountingModule, stopwatch.done);
};

/** The same with a handler that takes up to 500 events in one call. */
export const nestBatchService: Contestant = (filled, group) => {
  const stopwatch = new Stopwatch(filled.events);

  @Controller()
  class CountingController {
    @EventPattern(topic, { batch: 500 })
    count(events: EventOf<typeof topic>[]): void {
      stopwatch.see(events.length);
    }
  }

  @Module({ controllers: [CountingController] })
  class CountingModule {}

  return runService(filled, group, CountingModule, stopwatch.done);
};

/** Sends the events through the resilient producer, with every header that a service's events have. */
export const fill = async (
  { kafka, registry, events }: Filled,
  series: readonly Parameters<EventProducer['send']>[1][],
): Promise<void> => {
  const serde = new EventSerde(new SchemaRegistry(registry), kafka.topicPrefix);
  const producer = new EventProducer(kafka, { service: 'bench', serde, logger });
  const atOnce = 10_000;
  try {
    for (let sent = 0; sent < events; sent += atOnce) {
      const chunk = Array.from(
        { length: Math.min(atOnce, events - sent) },
        (_, index) => series[(sent + index) % series.length] as never,
      );
      await Promise.all(chunk.map((event) => producer.send(topic, event, { deadlineMs: 120_000 })));
    }
  } finally {
    await producer.close();
  }
};

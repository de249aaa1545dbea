import 'reflect-metadata';
import { Controller, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { INestMicroservice } from '@nestjs/common';
import type { EventOf } from '@soma/contracts';
import {
  createLogger,
  inSpan,
  InMemorySpanExporter,
  SimpleSpanProcessor,
  SpanKind,
  startTelemetry,
  type Telemetry,
} from '@soma/telemetry';
import { platform, waitFor } from '@soma/testing';
import { TransientError } from '../errors.js';
import { EventProducer } from '../producer/producer.js';
import { SchemaRegistry } from '../registry/registry.js';
import { EventSerde } from '../serde/serde.js';
import { createTestTopics, testConnection, type TestTopics } from '../testing/index.js';
import type { EventContext } from './context.js';
import { EventPattern } from './event-pattern.js';
import { KafkaEvents } from './strategy.js';

const { kafka, registry } = testConnection(platform());
const logger = createLogger({ service: 'transport-spec', level: 'fatal' });

const settingsSeen: { tenant: string; place: string }[] = [];
const billingBatches: number[][] = [];
/** How often a handler is called in vain: more than the retry policy allows for an event that cannot be handled. */
let outage = 8;

@Controller()
class SpecController {
  @EventPattern('settings.changed')
  onSettings(event: EventOf<'settings.changed'>, { event: record }: EventContext<'settings.changed'>): void {
    if (event.tenant === 'outage' && outage > 0) {
      outage -= 1;
      throw new TransientError('the database does not answer');
    }
    settingsSeen.push({ tenant: event.tenant, place: `${record.topic}/${record.key}` });
  }

  @EventPattern('billing.events', { batch: 50 })
  onBilling(events: EventOf<'billing.events'>[]): void {
    billingBatches.push(events.map(({ cost }) => cost));
  }
}

@Module({ controllers: [SpecController] })
class SpecModule {}

describe('KafkaEvents', () => {
  const exporter = new InMemorySpanExporter();
  let telemetry: Telemetry;
  let topics: TestTopics;
  let producer: EventProducer;
  let app: INestMicroservice;

  beforeAll(async () => {
    telemetry = startTelemetry({
      service: 'transport-spec',
      version: '0',
      spanProcessors: [new SimpleSpanProcessor({ exporter })],
    });
    topics = await createTestTopics({
      kafka,
      registry,
      topics: ['settings.changed', 'billing.events'],
      partitions: 2,
    });
    const serde = new EventSerde(new SchemaRegistry(registry), topics.settings.topicPrefix);
    producer = new EventProducer(topics.settings, { service: 'transport-spec', serde, logger });
    const strategy = new KafkaEvents(topics.settings, {
      service: 'transport-spec',
      group: 'spec',
      serde,
      producer,
      logger,
      retry: { attempts: 3, initialMs: 10, maxMs: 20 },
    });
    app = await NestFactory.createMicroservice(SpecModule, { strategy, logger: false });
    await app.listen();
  });

  afterAll(async () => {
    await app.close();
    await producer.close();
    await topics.drop();
    await telemetry.shutdown();
  });

  it('gives @EventPattern handlers typed, decoded events with their place', async () => {
    await producer.send('settings.changed', { tenant: 'acme', version: 1, hash: 'ab', at: 0 });
    await waitFor(() => settingsSeen.length > 0, { describe: 'the event' });
    expect(settingsSeen).toContainEqual({ tenant: 'acme', place: 'settings.changed/acme' });
  });

  it('gives a batch handler arrays', async () => {
    const bill = (cost: number) => ({
      event_id: '0b8e7f52-6a0b-4c58-9f39-8a2f0d4f9a11',
      tenant_id: 'acme',
      service: 'slm',
      cost,
      currency: 'EUR',
      at: 0,
    });
    await Promise.all(Array.from({ length: 120 }, (_, cost) => producer.send('billing.events', bill(cost))));
    await waitFor(() => billingBatches.flat().length >= 120, { describe: '120 bills' });
    expect(billingBatches.flat()).toEqual(Array.from({ length: 120 }, (_, cost) => cost));
    expect(Math.max(...billingBatches.map((batch) => batch.length))).toBeLessThanOrEqual(50);
  });

  it('waits an outage out that a handler reports, however long: its event is no dead letter', async () => {
    await producer.send('settings.changed', { tenant: 'outage', version: 1, hash: 'ab', at: 0 });
    await waitFor(() => settingsSeen.some(({ tenant }) => tenant === 'outage'), { describe: 'the event' });
    expect(outage).toBe(0);
  });

  it('links the consumer’s span to the producer’s, in one trace', async () => {
    exporter.reset();
    const seen = settingsSeen.length;
    await inSpan('the request that changed a setting', {}, () =>
      producer.send('settings.changed', { tenant: 'globex', version: 1, hash: 'ab', at: 0 }),
    );
    await waitFor(() => settingsSeen.length > seen, { describe: 'the event' });
    const spans = await waitFor(
      () => {
        const finished = exporter.getFinishedSpans();
        return finished.some(({ kind }) => kind === SpanKind.CONSUMER) ? finished : undefined;
      },
      { describe: 'the consumer’s span' },
    );
    const [request] = spans.filter(({ name }) => name.startsWith('the request'));
    const [sent] = spans.filter(({ kind }) => kind === SpanKind.PRODUCER);
    const [processed] = spans.filter(({ kind }) => kind === SpanKind.CONSUMER);
    expect(sent?.name).toBe('send settings.changed');
    expect(sent?.parentSpanContext?.spanId).toBe(request?.spanContext().spanId);
    expect(processed?.name).toBe('process settings.changed');
    expect(processed?.parentSpanContext?.spanId).toBe(sent?.spanContext().spanId);
    expect(processed?.spanContext().traceId).toBe(request?.spanContext().traceId);
    expect(processed?.attributes).toMatchObject({
      'messaging.system': 'kafka',
      'messaging.destination.name': 'settings.changed',
    });
  });

  it('refuses a handler for a topic that the catalogue does not have', () => {
    const serde = new EventSerde(new SchemaRegistry(registry));
    const strategy = new KafkaEvents(topics.settings, { service: 's', group: 'g', serde, producer, logger });
    strategy.addHandler('no.such.topic', () => Promise.resolve() as never, true);
    const outcomes: unknown[] = [];
    strategy.listen((error) => outcomes.push(error));
    expect((outcomes[0] as Error).message).toContain(
      "@EventPattern('no.such.topic') names no topic of the catalogue",
    );
    expect((outcomes[0] as Error).message).toContain('settings.changed');
  });
});

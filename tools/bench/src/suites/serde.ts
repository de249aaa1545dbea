import avro from 'avsc';
import { type TopicName, topics } from '@soma/contracts';
import { EventSerde, SchemaRegistry } from '@soma/kafka';
import { createTestTopics } from '@soma/kafka/testing';
import { generatedEvents } from '../events.js';
import { compareRates, type Measurement, type Rounds } from '../measurement.js';
import { sideBySide } from '../side-by-side.js';
import { schemaCacheMemory } from './schema-cache-memory.js';
import type { Suite } from './suite.js';

const measured: readonly TopicName[] = ['settings.changed', 'slm.responses'];
const eventCount = 1_000;

/** Rates of whole series, as events per second. */
const perEvent = ({ subject, baseline }: Rounds): Rounds => ({
  subject: subject.map((rate) => rate * eventCount),
  baseline: baseline.map((rate) => rate * eventCount),
});

const measureTopic = async (serde: EventSerde, topic: TopicName): Promise<Measurement[]> => {
  const events = await generatedEvents(topic, eventCount);
  const type = avro.Type.forSchema(topics[topic].schema as unknown as avro.Schema);
  const encoder = await serde.encoder(topic);
  const decoder = serde.decoder(topic);
  const payloads = events.map((event) => type.toBuffer(event));
  const values = events.map((event) => encoder.encode(event));
  // The first decode fetches the writer's schema; from then on decoding is synchronous.
  await decoder.decode(values[0] ?? null);

  const encode = sideBySide(
    () => {
      for (const event of events) encoder.encode(event);
    },
    () => {
      for (const event of events) type.toBuffer(event);
    },
  );
  const decode = sideBySide(
    () => {
      for (const value of values) decoder.decode(value);
    },
    () => {
      for (const payload of payloads) type.fromBuffer(payload);
    },
  );
  const row = { suite: 'serde', unit: 'events/s', atLeast: 0.9 };
  return [
    compareRates(perEvent(encode), { ...row, scenario: topic, metric: 'encode' }),
    compareRates(perEvent(decode), { ...row, scenario: topic, metric: 'decode' }),
  ];
};

/** Encoding and decoding with header and schema cache against avsc alone, and what the schema cache keeps. */
export const serde: Suite = async ({ kafka, registry: settings }, progress) => {
  const made = await createTestTopics({ kafka, registry: settings, topics: measured, partitions: 1 });
  try {
    const registry = new SchemaRegistry(settings);
    const rows: Measurement[] = [];
    for (const topic of measured) {
      progress(`serde: ${topic} against avsc`);
      rows.push(...(await measureTopic(new EventSerde(registry, made.settings.topicPrefix), topic)));
    }
    progress('serde: 10 million decodes through the schema cache');
    rows.push(await schemaCacheMemory(registry, made.settings.topicPrefix));
    return rows;
  } finally {
    await made.drop();
  }
};

import { createTestTopics } from '@soma/kafka/testing';
import { generatedEvents } from '../events.js';
import { compareRates } from '../measurement.js';
import {
  bareKafkajs,
  type Contestant,
  fill,
  type Filled,
  nestBatchService,
  nestService,
  topic,
  typedConsumer,
} from './contestants.js';
import type { Suite } from './suite.js';

const events = 300_000;
const partitions = 6;
const rounds = 5;

const contestants: Readonly<Record<string, Contestant>> = {
  'bare kafkajs': bareKafkajs,
  'typed consumer': typedConsumer,
  'nest service': nestService,
  'nest service, batches': nestBatchService,
};

/** Throughput of typed events against kafkajs alone: the same topic, in turns, each pass a group of its own. */
export const consume: Suite = async (connection, progress) => {
  const made = await createTestTopics({ ...connection, topics: [topic], partitions });
  try {
    const filled: Filled = { ...connection, kafka: made.settings, events };
    progress(`consume: filling ${events} events into ${partitions} partitions`);
    await fill(filled, await generatedEvents(topic, 10_000));
    const rates = new Map(Object.keys(contestants).map((name) => [name, [] as number[]]));
    // Round 0 warms up the code and the brokers' page cache; every other round runs in the opposite order.
    for (let round = 0; round <= rounds; round += 1) {
      const entries = Object.entries(contestants);
      for (const [name, pass] of round % 2 === 0 ? entries : entries.toReversed()) {
        const rate = await pass(filled, `${name.replaceAll(/\W+/g, '-')}-${round}`);
        progress(`consume: round ${round}, ${name}: ${Math.round(rate)} events/s`);
        if (round > 0) rates.get(name)?.push(rate);
      }
    }
    const [baseline = [], ...others] = [...rates.values()];
    const scenarios = [...rates.keys()].slice(1);
    return scenarios.map((scenario, index) =>
      compareRates(
        { subject: others[index] ?? [], baseline },
        { suite: 'consume', scenario, metric: 'throughput', unit: 'events/s', atLeast: 0.8 },
      ),
    );
  } finally {
    await made.drop();
  }
};

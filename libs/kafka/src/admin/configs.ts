import { ConfigResourceTypes, describeConfigsV4, incrementalAlterConfigsV1 } from '@platformatic/kafka';
import { found, outcomesOf } from './answers.js';
import { batchByCount } from './batch.js';
import type { Brokers } from './brokers.js';
import { inFlight } from './in-flight.js';
import { mutate } from './mutate.js';
import type { ConfigChange, ConfigEntry, Found, MutationOptions } from './types.js';

const resourceType = ConfigResourceTypes.TOPIC;
const topicConfigSource = 1;
const set = 0;
const remove = 1;
const topicsPerRequest = 1000;
const requestsInFlight = 2;

type DescribedConfigs = Awaited<ReturnType<typeof describeConfigsV4.api.async>>['results'][number];

const configsOf = (result: DescribedConfigs): Found<ConfigEntry[]> =>
  found(result, () =>
    result.configs.map(({ name, value, configSource, isSensitive }) => ({
      name,
      value: value ?? null,
      overridden: configSource === topicConfigSource,
      sensitive: isSensitive,
    })),
  );

export const describeTopicConfigs = async (
  brokers: Brokers,
  names: readonly string[],
  keys?: readonly string[],
): Promise<Map<string, Found<ConfigEntry[]>>> => {
  // A null list asks for every config of the resource.
  const configurationKeys = (keys ? [...keys] : null) as string[];
  const all = new Map<string, Found<ConfigEntry[]>>();
  await inFlight(batchByCount(names, topicsPerRequest), requestsInFlight, async (batch) => {
    const resources = batch.map((resourceName) => ({ resourceType, resourceName, configurationKeys }));
    const { results } = await brokers.ask(describeConfigsV4, resources, false, false);
    // Taken over at once: an answer as the client gives it is several times as large.
    for (const result of results) all.set(result.resourceName, configsOf(result));
  });
  return all;
};

export const alterTopicConfigs = (
  brokers: Brokers,
  changes: readonly ConfigChange[],
  options?: MutationOptions<string>,
) =>
  mutate(
    {
      items: changes,
      key: ({ topic }) => topic,
      send: async (batch) => {
        const request = batch.map(({ topic, configs }) => ({
          resourceType,
          resourceName: topic,
          configs: Object.entries(configs).map(([name, value]) => ({
            name,
            configOperation: value === null ? remove : set,
            value,
          })),
        }));
        const answer = await brokers.ask(incrementalAlterConfigsV1, request as never, false);
        const names = batch.map(({ topic }) => topic);
        return { ...answer, outcomes: outcomesOf(names, answer.responses, (one) => one.resourceName) };
      },
    },
    options,
  );

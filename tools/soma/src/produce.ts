import type { CatalogueTopic } from '@soma/contracts';
import {
  cloudEventHeaders,
  EventProducer,
  EventSerde,
  type KafkaEnv,
  kafkaSettings,
  loadEncoder,
  registrySettings,
  SchemaRegistry,
} from '@soma/kafka';
import { createLogger } from '@soma/telemetry';
import { CommandFailure, exitCodes } from './exit.js';

/** One event on its way to a topic; `where` names it in an error. */
export interface Entry {
  readonly where: string;
  readonly key: string | null;
  readonly value: unknown;
}

export interface Produced {
  readonly topic: string;
  readonly events: number;
  readonly seconds: number;
  /** Acknowledged events by partition. */
  readonly partitions: Readonly<Record<string, number>>;
}

export interface ProduceOptions {
  readonly connection: KafkaEnv;
  /** Service name in the events' source. */
  readonly service: string;
  readonly topic: CatalogueTopic;
  readonly entries: Iterable<Entry> | AsyncIterable<Entry>;
  /** Events a second; as fast as the brokers take them if left out. */
  readonly rate?: number;
}

/** Events that wait for acknowledgements at one time: enough to fill the batches of every partition. */
const window = 5_000;

/** Sends events and waits until the brokers have all of them. Throws `CommandFailure` at the first that is refused. */
export const produceEvents = async ({
  connection,
  service,
  topic,
  entries,
  rate,
}: ProduceOptions): Promise<Produced> => {
  const { schema, spec } = topic;
  if (!schema || !spec.schema) throw new CommandFailure(`${spec.topic} has no schema`, exitCodes.usage);
  const settings = kafkaSettings(connection);
  const registry = new SchemaRegistry(registrySettings(connection));
  const subject = settings.topicPrefix + spec.schema.subject;
  const encoder = await loadEncoder(registry, { topic: spec.topic, subject, schema });
  const logger = createLogger({ service, level: 'error' });
  const producer = new EventProducer(settings, { service, serde: new EventSerde(registry), logger });
  const started = performance.now();
  const partitions: Record<string, number> = {};
  let flying = 0;
  let landed: () => void = () => undefined;
  /** Resolves when fewer than so many events wait for their acknowledgement. */
  const below = async (count: number): Promise<void> => {
    while (flying >= count) await new Promise<void>((resolve) => (landed = resolve));
  };
  let refusal: Error | undefined;
  let events = 0;

  const send = ({ where, key, value }: Entry): void => {
    const encoded = encoder.encode(value);
    const headers = cloudEventHeaders({
      source: `/soma/${service}`,
      type: `com.somastack.${spec.topic}`,
      subject: key ?? '',
    });
    flying += 1;
    void producer
      .sendRaw({ topic: settings.topicPrefix + spec.topic, key, value: encoded, headers })
      .then(
        ({ partition }) => {
          partitions[partition] = (partitions[partition] ?? 0) + 1;
        },
        (error: unknown) => {
          refusal ??= new CommandFailure(`${where}: ${(error as Error).message}`);
        },
      )
      .finally(() => {
        flying -= 1;
        landed();
      });
  };

  try {
    for await (const entry of entries) {
      try {
        send(entry);
      } catch (error) {
        throw new CommandFailure(`${entry.where}: ${(error as Error).message}`);
      }
      events += 1;
      await below(window);
      if (refusal) break;
      const ahead = rate === undefined ? 0 : started + (events * 1000) / rate - performance.now();
      if (ahead > 0) await new Promise((resolve) => setTimeout(resolve, ahead));
    }
  } finally {
    await below(1);
    await producer.close();
  }
  if (refusal) throw refusal;
  return { topic: spec.topic, events, seconds: (performance.now() - started) / 1000, partitions };
};

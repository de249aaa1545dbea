import {
  createClient,
  EventProducer,
  EventSerde,
  type KafkaSettings,
  type RegistrySettings,
  SchemaRegistry,
} from '@soma/kafka';
import { createLogger } from '@soma/telemetry';

const logger = createLogger({ service: 'provisioner-spec', level: 'silent' });
const service = 'provisioner-spec';

/** Writes one record to a physical topic as the user of the settings; rejects as the broker refuses. */
export const write = async (
  kafka: KafkaSettings,
  registry: RegistrySettings,
  topic: string,
  value: string,
): Promise<void> => {
  const producer = new EventProducer(kafka, {
    service,
    serde: new EventSerde(new SchemaRegistry(registry)),
    logger,
  });
  try {
    await producer.sendRaw({ topic, key: 'acme', value: Buffer.from(value) });
  } finally {
    await producer.close();
  }
};

/** Reads the first record of a physical topic as the user of the settings; rejects as the broker refuses. */
export const readFirst = async (
  kafka: KafkaSettings,
  topic: string,
  groupId: string,
): Promise<string | undefined> => {
  const retry = { retries: 3 };
  const consumer = createClient(kafka, { clientId: service, logger, retry }).consumer({ groupId, retry });
  try {
    await consumer.connect();
    await consumer.subscribe({ topic, fromBeginning: true });
    return await new Promise<string | undefined>((resolve, reject) => {
      // A coordinator that is still loading is worth another try; a refusal is not.
      consumer.on(consumer.events.CRASH, ({ payload }) => {
        if (!payload.restart) reject(payload.error);
      });
      const eachMessage = ({ message }: { message: { value: Buffer | null } }): Promise<void> => {
        resolve(message.value?.toString());
        return Promise.resolve();
      };
      consumer.run({ eachMessage }).catch(reject);
    });
  } finally {
    await consumer.disconnect();
  }
};

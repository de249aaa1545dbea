import type { KafkaSettings, RegistrySettings } from '../config.js';

/** What `platform()` of @soma/testing knows. */
interface PlatformLike {
  readonly kafka: {
    readonly brokers: readonly string[];
    readonly username: string | undefined;
    readonly password: string | undefined;
  };
  readonly registryUrl: string;
}

/** A test platform's settings in this library's words. */
export const testConnection = ({
  kafka,
  registryUrl,
}: PlatformLike): { kafka: KafkaSettings; registry: RegistrySettings } => ({
  kafka: {
    brokers: kafka.brokers,
    ...(kafka.username !== undefined && { username: kafka.username, password: kafka.password ?? '' }),
    topicPrefix: '',
  },
  registry: { url: registryUrl },
});

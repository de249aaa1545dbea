import type { KafkaConnection, Connections, External } from '../external.js';
import type { PlatformPaths } from '../home.js';
import type { ClassArchive } from '../machine/class-archive.js';
import type { Software } from '../machine/software.js';
import type { Ports, ServerName } from '../names.js';
import type { Launch, RunAs } from '../process/launch.js';
import type { Secrets } from '../secrets.js';

/** What the platform asks Kafka over its own protocol; the caller brings the client. */
export interface KafkaOperations {
  /** Logs in and says how many brokers are alive. Rejects when it cannot; must not retry for long, the platform asks again. */
  readonly describe: (connection: KafkaConnection) => Promise<{ readonly brokers: number }>;
  /** Creates SCRAM-SHA-512 users, or gives existing ones this password. */
  readonly upsertScram: (
    connection: KafkaConnection,
    users: readonly { readonly name: string; readonly password: string }[],
  ) => Promise<void>;
}

/** Java code from the cache and the class archives that go with it. */
export interface JavaArtifacts {
  readonly kafkaClassPath: readonly string[];
  readonly kafkaClasses: ClassArchive;
  readonly registryJar: string;
  readonly registryClasses: ClassArchive;
}

/** Everything a server is made from. */
export interface Site {
  readonly paths: PlatformPaths;
  readonly ports: Ports;
  readonly secrets: Secrets;
  readonly software: Software;
  readonly java: JavaArtifacts | undefined;
  readonly connections: Connections;
  readonly external: External;
  readonly kafka: KafkaOperations;
  readonly postgresData: string;
  readonly postgresUser: RunAs | undefined;
  /** Kafka nodes that are meant to run at this moment. */
  readonly runningBrokers: () => number;
}

/** Whether a server does its work, asked now; `reason` is for a person. */
export type Health = { readonly healthy: true } | { readonly healthy: false; readonly reason: string };

export const healthy: Health = { healthy: true };
export const unhealthy = (reason: string): Health => ({ healthy: false, reason });

/** One server: how to lay it out, start it, ask it. */
export interface Server {
  readonly name: ServerName;
  /** Servers that must be healthy before `prepare` runs. */
  readonly after: readonly ServerName[];
  /** Writes configuration and, the first time, data folders. Safe to run again. */
  readonly prepare: () => Promise<void>;
  readonly launch: () => Launch;
  /** Rejects or answers unhealthy while the server is not up. */
  readonly check: () => Promise<Health>;
  /** Settings that the server itself keeps, once it is healthy. Safe to run again. */
  readonly settle?: () => Promise<void>;
  /** Runs after the process ended; `graceful` if it was asked to and did. */
  readonly ended?: (graceful: boolean) => void;
  /** Servers that must have stopped before this one is asked to, besides those that need it. */
  readonly stopsAfter?: () => readonly ServerName[];
  readonly stopSignal: 'SIGTERM' | 'SIGINT';
  /** Milliseconds until a stop becomes SIGKILL; read again while it goes on. */
  readonly stopWithin: number;
  /** Whether all it keeps is on disk already, so that the rest of its shutdown may be cut short. */
  readonly settledOnDisk?: () => boolean;
}

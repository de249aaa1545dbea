import { kafkaNodes } from '../names.js';
import type { ExternalName } from '../status.js';
import { httpCheck } from './http-check.js';
import { kafkaServer } from './kafka.js';
import { postgresServer } from './postgres.js';
import { alertmanagerServer, prometheusServer } from './prometheus.js';
import { psql } from './psql.js';
import { redisCli } from './redis-cli.js';
import { redisServer } from './redis.js';
import { registryServer } from './registry.js';
import { healthy, unhealthy, type Health, type Server, type Site } from './server.js';

/** The servers that we run ourselves. */
export const embeddedServers = (site: Site): Server[] => [
  ...(site.external.kafka ? [] : kafkaNodes.map((node) => kafkaServer(site, node))),
  ...(site.external.registry ? [] : [registryServer(site)]),
  ...(site.external.postgres === undefined ? [postgresServer(site)] : []),
  ...(site.external.redis === undefined ? [redisServer(site)] : []),
  prometheusServer(site),
  alertmanagerServer(site),
];

/** A server that somebody else runs: we only ask it. */
export interface ExternalServer {
  readonly name: ExternalName;
  /** Where it is, without credentials. */
  readonly at: string;
  readonly check: () => Promise<Health>;
}

const basicAuth = ({
  username,
  password,
}: {
  readonly username?: string;
  readonly password?: string;
}): Record<string, string> =>
  username === undefined
    ? {}
    : { authorization: `Basic ${Buffer.from(`${username}:${password ?? ''}`).toString('base64')}` };

/** The servers that the environment points to. */
export const externalChecks = ({ external, kafka, software }: Site): ExternalServer[] => [
  ...(external.kafka
    ? [
        {
          name: 'kafka' as const,
          at: external.kafka.brokers.join(','),
          check: checkKafka(external.kafka, kafka),
        },
      ]
    : []),
  ...(external.registry
    ? [
        {
          name: 'registry' as const,
          at: new URL(external.registry.url).origin,
          check: () => httpCheck(`${external.registry?.url}/subjects`, basicAuth(external.registry ?? {})),
        },
      ]
    : []),
  ...(external.postgres !== undefined
    ? [
        {
          name: 'postgres' as const,
          at: new URL(external.postgres).host,
          check: expectAnswer(() => psql(software.psql ?? 'psql', external.postgres ?? '', 'SELECT 1;'), '1'),
        },
      ]
    : []),
  ...(external.redis !== undefined
    ? [
        {
          name: 'redis' as const,
          at: new URL(external.redis).host,
          check: expectAnswer(
            async () =>
              (await redisCli(software['redis-cli'] ?? 'redis-cli', external.redis ?? '', ['PING']))[0],
            'PONG',
          ),
        },
      ]
    : []),
];

const checkKafka =
  (connection: NonNullable<Site['external']['kafka']>, operations: Site['kafka']) =>
  async (): Promise<Health> => {
    const { brokers } = await operations.describe(connection);
    return brokers > 0 ? healthy : unhealthy('it knows no broker');
  };

const expectAnswer =
  (ask: () => Promise<string | undefined>, expected: string) => async (): Promise<Health> => {
    const answer = await ask();
    return answer === expected ? healthy : unhealthy(`it answered ${answer}`);
  };

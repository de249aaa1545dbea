import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { PlatformError } from '../errors.js';
import { portOf } from '../names.js';
import { acceptsConnections } from '../ports.js';
import { httpCheck } from './http-check.js';
import { psql, roleWithDatabase } from './psql.js';
import { unhealthy, type Server, type Site } from './server.js';

const database = 'registry';
const compatibility = 'FULL_TRANSITIVE';

const jdbcUrl = (postgres: string): string => {
  const { host, search } = new URL(postgres);
  return `jdbc:postgresql://${host}/${database}${search}`;
};

/** Every subject must be compatible unless it says otherwise; the registry's own default is NONE. */
const requireCompatibility = async (url: string): Promise<void> => {
  const current = (await (await fetch(`${url}/config`)).json()) as { compatibilityLevel?: string };
  if (current.compatibilityLevel !== undefined && current.compatibilityLevel !== 'NONE') return;
  const response = await fetch(`${url}/config`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ compatibility }),
  });
  if (!response.ok)
    throw new PlatformError(
      'start-failed',
      `The registry refused its compatibility rule: ${response.status} ${await response.text()}`,
    );
};

/** The schema registry, with its storage in Postgres. */
export const registryServer = (site: Site): Server => {
  const folder = join(site.paths.run, 'registry');
  const port = portOf(site.ports, 'registry', 'http');
  const url = site.connections.registry.url;
  const recorder = String(process.pid);
  return {
    name: 'registry',
    after: site.external.postgres === undefined ? ['postgres'] : [],
    stopSignal: 'SIGTERM',
    // Long enough to write its class archive the first time.
    stopWithin: 40_000,
    prepare: async () => {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      await psql(
        site.software.psql ?? 'psql',
        site.connections.postgres,
        roleWithDatabase(database, site.secrets.registryDatabase),
      );
    },
    launch: () => ({
      command: site.software.java ?? 'java',
      args: [
        ...['-Xmx384m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-XX:+ExitOnOutOfMemoryError'],
        ...['-Djava.util.logging.manager=org.jboss.logmanager.LogManager', '-Dquarkus.banner.enabled=false'],
        ...['-Dquarkus.http.host=127.0.0.1', `-Dquarkus.http.port=${port}`],
        ...(site.java?.registryClasses.options(recorder) ?? []),
        ...['-jar', site.java?.registryJar ?? ''],
      ],
      env: {
        APICURIO_STORAGE_KIND: 'sql',
        APICURIO_STORAGE_SQL_KIND: 'postgresql',
        APICURIO_DATASOURCE_URL: jdbcUrl(site.connections.postgres),
        APICURIO_DATASOURCE_USERNAME: database,
        APICURIO_DATASOURCE_PASSWORD: site.secrets.registryDatabase,
      },
      cwd: folder,
      deathSignal: 'KILL',
    }),
    check: async () => {
      if (!(await acceptsConnections(port)))
        return unhealthy(`nothing accepts connections on 127.0.0.1:${port}`);
      return httpCheck(`${url}/subjects`);
    },
    settle: () => requireCompatibility(url),
    ended: (graceful) => {
      if (graceful) site.java?.registryClasses.adopt(recorder);
    },
  };
};

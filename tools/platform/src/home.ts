import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

/** Linux allows 108 bytes for the path of a unix socket, macOS 104. */
const socketPathLimit = 100;

/** Where the platform of this checkout keeps its state: `SOMA_HOME`, else `.soma` beside the nearest `nx.json`, else of the working directory. */
export const platformHome = (env: NodeJS.ProcessEnv = process.env, from: string = process.cwd()): string => {
  if (env['SOMA_HOME']) return resolve(from, env['SOMA_HOME']);
  for (let folder = from; ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'nx.json'))) return join(folder, '.soma');
    if (folder === dirname(folder)) return join(from, '.soma');
  }
};

/** Where downloads live, shared by all checkouts: `SOMA_CACHE`, else `soma` under the user's cache folder. */
export const platformCache = (env: NodeJS.ProcessEnv = process.env): string =>
  resolve(env['SOMA_CACHE'] ?? join(env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'soma'));

const shortHash = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 10);

/** Every path of one platform. */
export interface PlatformPaths {
  readonly home: string;
  readonly state: string;
  readonly owner: string;
  readonly secrets: string;
  readonly env: string;
  readonly principals: string;
  readonly logs: string;
  readonly run: string;
  readonly data: string;
  readonly prometheusTargets: string;
  readonly controlSocket: string;
  /** Where Postgres' data goes when the `postgres` user cannot reach `data`. */
  readonly postgresElsewhere: string;
}

/** The paths below `folder`. */
export const platformPaths = (folder: string): PlatformPaths => {
  const home = resolve(folder);
  const socket = join(home, 'control.sock');
  return {
    home,
    state: join(home, 'platform.json'),
    owner: join(home, 'owner.json'),
    secrets: join(home, 'secrets.json'),
    env: join(home, 'platform.env'),
    principals: join(home, 'principals'),
    logs: join(home, 'logs'),
    run: join(home, 'run'),
    data: join(home, 'data'),
    prometheusTargets: join(home, 'prometheus', 'targets'),
    controlSocket:
      Buffer.byteLength(socket) <= socketPathLimit ? socket : join(tmpdir(), `soma-${shortHash(home)}.sock`),
    postgresElsewhere: `/var/tmp/soma-${shortHash(home)}`,
  };
};

/** The log of one process. */
export const logFile = (paths: PlatformPaths, name: string): string => join(paths.logs, `${name}.log`);

import {
  appendFileSync,
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { PlatformError } from '../errors.js';
import { readIfPresent, replaceFile } from '../files.js';
import { portOf } from '../names.js';
import { acceptsConnections } from '../ports.js';
import { commandLine } from '../process/identity.js';
import { guardedCommand, type Launch, type RunAs } from '../process/launch.js';
import { lastWords, run } from '../process/run.js';
import { until } from '../wait.js';
import { locate } from '../machine/software.js';
import { processesIn } from '../process/working-folder.js';
import { psql } from './psql.js';
import { healthy, unhealthy, type Server, type Site } from './server.js';

const settings = (port: number): string => `listen_addresses = '127.0.0.1'
port = ${port}
unix_socket_directories = ''
max_connections = 200
password_encryption = 'scram-sha-256'
log_line_prefix = '%m [%p] %q%u@%d '
timezone = 'UTC'
log_timezone = 'UTC'
`;

const own = (path: string, user: RunAs | undefined): void => {
  if (user) chownSync(path, user.uid, user.gid);
};

/** Makes the data folder in a draft beside it and moves it in place, so that an interrupted start leaves none that is half done. */
const initialize = async (
  site: Site,
  initdb: string,
  asUser: (launch: Launch) => [string, ...string[]],
): Promise<void> => {
  const data = site.postgresData;
  const draft = `${data}.new`;
  rmSync(draft, { recursive: true, force: true });
  mkdirSync(draft, { recursive: true, mode: 0o700 });
  own(draft, site.postgresUser);
  const passwordFile = join(dirname(data), 'initdb.password');
  rmSync(passwordFile, { force: true });
  writeFileSync(passwordFile, `${site.secrets.postgresAdmin}\n`, { mode: 0o600, flag: 'wx' });
  own(passwordFile, site.postgresUser);
  const args = [
    '-D',
    draft,
    '-U',
    'postgres',
    `--pwfile=${passwordFile}`,
    '--auth=scram-sha-256',
    '-E',
    'UTF8',
    '--locale=C.UTF-8',
    '--no-instructions',
  ];
  const [command, ...rest] = asUser({ command: initdb, args, cwd: draft, deathSignal: 'KILL' });
  const result = await run(command, rest, { cwd: dirname(draft), env: { PATH: process.env['PATH'] } });
  rmSync(passwordFile, { force: true });
  if (result.code !== 0)
    throw new PlatformError('start-failed', `initdb could not make ${data}:\n${lastWords(result)}`);
  appendFileSync(join(draft, 'postgresql.conf'), "\ninclude 'soma.conf'\n");
  renameSync(draft, data);
};

/** Removes the lock of a server that is gone. Its pid may belong to anyone by now, which would keep Postgres from starting. */
const removeStaleLock = async (data: string): Promise<void> => {
  const lock = join(data, 'postmaster.pid');
  const text = readIfPresent(lock);
  if (text === undefined) return;
  const pid = Number(text.split('\n')[0]);
  if (commandLine(pid)?.includes(data)) {
    throw new PlatformError(
      'start-failed',
      `Another Postgres (process ${pid}) already runs on ${data}. Stop it, then try again.`,
    );
  }
  // Backends of a killed server still hold the data for a moment.
  if (!(await until(() => processesIn(data).length === 0, 10_000))) {
    throw new PlatformError(
      'start-failed',
      `Processes ${processesIn(data).join(', ')} of an older Postgres still work in ${data}. End them, then try again.`,
    );
  }
  rmSync(lock, { force: true });
};

/** The database: truth of every service, and the registry's storage. */
export const postgresServer = (site: Site): Server => {
  const data = site.postgresData;
  const port = portOf(site.ports, 'postgres', 'sql');
  const program = site.software.postgres ?? 'postgres';
  const runAs = site.postgresUser;
  const asUser = (what: Launch): [string, ...string[]] =>
    guardedCommand({ ...what, ...(runAs && { runAs }) }, runAs ? locate(['setpriv']) : undefined);
  return {
    name: 'postgres',
    after: [],
    // Fast shutdown: sessions are ended, nothing is lost.
    stopSignal: 'SIGINT',
    stopWithin: 20_000,
    prepare: async () => {
      mkdirSync(dirname(data), { recursive: true, mode: 0o711 });
      // The place in /var/tmp has a name that others can foresee.
      if (statSync(dirname(data)).uid !== process.getuid?.()) {
        throw new PlatformError(
          'start-failed',
          `${dirname(data)} belongs to another user: remove it, or use another SOMA_HOME.`,
        );
      }
      if (!existsSync(data)) await initialize(site, join(dirname(program), 'initdb'), asUser);
      await removeStaleLock(data);
      const config = join(data, 'soma.conf');
      replaceFile(config, settings(port));
      own(config, runAs);
      chmodSync(data, 0o700);
    },
    launch: () => ({
      command: program,
      args: ['-D', data],
      cwd: data,
      deathSignal: 'INT',
      ...(runAs && { runAs }),
    }),
    check: async () => {
      if (!(await acceptsConnections(port)))
        return unhealthy(`nothing accepts connections on 127.0.0.1:${port}`);
      const answer = await psql(site.software.psql ?? 'psql', site.connections.postgres, 'SELECT 1;');
      return answer === '1' ? healthy : unhealthy(`it answered ${answer}`);
    },
  };
};

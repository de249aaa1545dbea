import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { httpJson, waitFor } from '@soma/testing';

const executable = (path: string): boolean => {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
};

/** Where this machine has Alertmanager, by its own name or by that of Debian's package. */
export const alertmanagerProgram = (process.env['PATH'] ?? '')
  .split(delimiter)
  .flatMap((folder) => ['alertmanager', 'prometheus-alertmanager'].map((name) => join(folder, name)))
  .find(executable);

const freePort = async (): Promise<number> => {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (typeof address !== 'object' || !address) throw new Error('no free port');
  return address.port;
};

/** How often it looks at a group of alerts; it repeats what has not changed as often. */
export const groupIntervalMs = 300;

const configOf = (url: string, tokenFile: string): string => `route:
  receiver: feed
  group_by: [alertname]
  group_wait: 100ms
  group_interval: ${groupIntervalMs}ms
  repeat_interval: ${groupIntervalMs}ms
receivers:
  - name: feed
    webhook_configs:
      - url: ${url}/v1/alertmanager
        http_config:
          authorization:
            credentials_file: ${tokenFile}
`;

/** An Alertmanager of a test's own, which sends to a feed. */
export interface TestAlertmanager {
  /** Tells it about alerts, as Prometheus does. */
  alert(alerts: readonly object[]): Promise<void>;
  /** Messages that the feed has accepted from it. */
  delivered(): Promise<number>;
  stop(): Promise<void>;
}

/** Starts Alertmanager; it sends with the token in short intervals, and repeats. */
export const startAlertmanager = async (
  program: string,
  { feed, token }: { readonly feed: string; readonly token: string },
): Promise<TestAlertmanager> => {
  const folder = await mkdtemp(join(tmpdir(), 'soma-alertmanager-'));
  const tokenFile = join(folder, 'token');
  await writeFile(tokenFile, `${token}\n`, { mode: 0o600 });
  await writeFile(join(folder, 'alertmanager.yml'), configOf(feed, tokenFile));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const args = [
    `--config.file=${join(folder, 'alertmanager.yml')}`,
    `--storage.path=${folder}`,
    `--web.listen-address=127.0.0.1:${port}`,
    '--cluster.listen-address=',
  ];
  // It must not outlive a test run that is killed.
  const [command = program, ...rest] =
    process.platform === 'linux' ? ['setpriv', '--pdeathsig', 'KILL', program, ...args] : [program, ...args];
  const child: ChildProcess = spawn(command, rest, { stdio: 'ignore' });
  const exited = once(child, 'exit');
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM');
    await exited;
    await rm(folder, { recursive: true });
  };
  const ready = async () => (await httpJson(`${url}/-/ready`).catch(() => undefined))?.status === 200;
  await waitFor(ready, { describe: 'Alertmanager' });
  const counted = (page: string, name: string): number =>
    Number(new RegExp(`^${name}\\{integration="webhook"[^}]*\\} (\\d+)$`, 'm').exec(page)?.[1] ?? 0);
  return {
    alert: async (alerts) => {
      const { status, body } = await httpJson(`${url}/api/v2/alerts`, { body: alerts });
      if (status !== 200) throw new Error(`Alertmanager answered ${status}: ${JSON.stringify(body)}`);
    },
    delivered: async () => {
      const page = (await httpJson(`${url}/metrics`)).body as string;
      return (
        counted(page, 'alertmanager_notifications_total') -
        counted(page, 'alertmanager_notifications_failed_total')
      );
    },
    stop,
  };
};

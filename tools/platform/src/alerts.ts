import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { readPlatformEnv } from './env-file.js';
import { readIfPresent, replaceFile } from './files.js';
import { platformPaths, type PlatformPaths } from './home.js';

/** Who is told about alerts: a webhook, and the file with the bearer token for it. */
interface AlertReceiver {
  readonly url: string;
  readonly tokenFile: string;
}

const receiverFile = (paths: PlatformPaths): string => join(paths.run, 'alertmanager', 'receiver.json');
/** Where Alertmanager's configuration is. */
export const alertConfigFile = (paths: PlatformPaths): string =>
  join(paths.run, 'alertmanager', 'alertmanager.yml');

/** Alertmanager's configuration; without a receiver, alerts are to be seen in its own console alone. */
const alertConfig = (receiver: AlertReceiver | undefined): string => {
  const webhook = receiver
    ? `    webhook_configs:
      - url: ${JSON.stringify(receiver.url)}
        http_config:
          authorization:
            credentials_file: ${JSON.stringify(receiver.tokenFile)}
`
    : '';
  // Short waits: on a laptop somebody is watching.
  return `route:
  receiver: alerts
  group_by: [alertname, squad]
  group_wait: 1s
  group_interval: 5s
receivers:
  - name: alerts
${webhook}`;
};

/** Writes the configuration with which Alertmanager starts, for the receiver that was told last. */
export const writeAlertConfig = (paths: PlatformPaths): void => {
  mkdirSync(join(paths.run, 'alertmanager'), { recursive: true });
  const told = readIfPresent(receiverFile(paths));
  const receiver = told === undefined ? undefined : (JSON.parse(told) as AlertReceiver);
  replaceFile(alertConfigFile(paths), alertConfig(receiver));
};

/**
 * Sends alerts to a receiver from now on, also after a restart: while it is away, Alertmanager tries again. One that runs
 * is told at once.
 *
 * @throws Error with Alertmanager's own words if it does not take the configuration.
 */
export const sendAlertsTo = async (home: string, receiver: AlertReceiver): Promise<void> => {
  const paths = platformPaths(home);
  mkdirSync(join(paths.run, 'alertmanager'), { recursive: true });
  replaceFile(receiverFile(paths), JSON.stringify(receiver));
  writeAlertConfig(paths);
  const url = readPlatformEnv(home)['SOMA_ALERTMANAGER_URL'];
  if (url === undefined) return;
  const answer = await fetch(`${url}/-/reload`, { method: 'POST' });
  if (!answer.ok) throw new Error(`Alertmanager does not take its configuration: ${await answer.text()}`);
};

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { alertConfigFile, writeAlertConfig } from '../alerts.js';
import { portOf } from '../names.js';
import { httpCheck } from './http-check.js';
import type { Server, Site } from './server.js';

const serverConfig = (site: Site): string => `global:
  scrape_interval: 5s
  evaluation_interval: 5s
alerting:
  alertmanagers:
    - static_configs:
        - targets: ['127.0.0.1:${portOf(site.ports, 'alertmanager', 'http')}']
scrape_configs:
  - job_name: prometheus
    static_configs:
      - targets: ['127.0.0.1:${portOf(site.ports, 'prometheus', 'http')}']
  - job_name: alertmanager
    static_configs:
      - targets: ['127.0.0.1:${portOf(site.ports, 'alertmanager', 'http')}']
${
  site.external.registry
    ? ''
    : `  - job_name: registry
    metrics_path: /q/metrics
    static_configs:
      - targets: ['127.0.0.1:${portOf(site.ports, 'registry', 'http')}']
`
}  - job_name: services
    file_sd_configs:
      - files: ['${site.paths.prometheusTargets}/*.json']
        refresh_interval: 5s
`;

/** Collects metrics; services add themselves by a file in `.soma/prometheus/targets`. */
export const prometheusServer = (site: Site): Server => {
  const folder = join(site.paths.run, 'prometheus');
  const data = join(site.paths.data, 'prometheus');
  const config = join(folder, 'prometheus.yml');
  const port = portOf(site.ports, 'prometheus', 'http');
  return {
    name: 'prometheus',
    after: [],
    stopSignal: 'SIGTERM',
    stopWithin: 5000,
    prepare: () => {
      for (const path of [folder, data, site.paths.prometheusTargets]) mkdirSync(path, { recursive: true });
      writeFileSync(config, serverConfig(site));
      return Promise.resolve();
    },
    launch: () => ({
      command: site.software.prometheus ?? 'prometheus',
      args: [
        `--config.file=${config}`,
        `--storage.tsdb.path=${data}`,
        '--storage.tsdb.retention.time=7d',
        `--web.listen-address=127.0.0.1:${port}`,
      ],
      cwd: folder,
      deathSignal: 'KILL',
    }),
    check: () => httpCheck(`http://127.0.0.1:${port}/-/ready`),
  };
};

/** Routes alerts. */
export const alertmanagerServer = (site: Site): Server => {
  const data = join(site.paths.data, 'alertmanager');
  const config = alertConfigFile(site.paths);
  const port = portOf(site.ports, 'alertmanager', 'http');
  return {
    name: 'alertmanager',
    after: [],
    stopSignal: 'SIGTERM',
    stopWithin: 5000,
    prepare: () => {
      mkdirSync(data, { recursive: true });
      writeAlertConfig(site.paths);
      return Promise.resolve();
    },
    launch: () => ({
      command: site.software.alertmanager ?? 'alertmanager',
      // One alone needs no gossip port.
      args: [
        `--config.file=${config}`,
        `--storage.path=${data}`,
        `--web.listen-address=127.0.0.1:${port}`,
        '--cluster.listen-address=',
      ],
      cwd: data,
      deathSignal: 'KILL',
    }),
    check: () => httpCheck(`http://127.0.0.1:${port}/-/ready`),
  };
};

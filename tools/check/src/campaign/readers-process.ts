import { check } from './checker.js';
import {
  type Checked,
  type Counts,
  type News,
  type Order,
  type Report,
  transportNames,
} from './readers/messages.js';
import { Reader } from './readers/reader.js';
import { pages } from './readers/rest.js';
import { serverSentEvents } from './readers/sse.js';
import { webSocket } from './readers/websocket.js';

/** Subscribers of a feed in a process of their own: told what to do by the process that started it, and ends with it. */
const transports = { sse: serverSentEvents, websocket: webSocket, rest: pages } as const;
const reportMs = 500;
/** Several heartbeats of the service. */
const silentMs = 30_000;
const shownFindings = 20;

let replicas: readonly string[] = [];
let dropsPerSecond = 0;
let due = 0;
let silent = 0;
const readers: Reader[] = [];
const delaysMs: number[] = [];

const send = (news: News): unknown => process.send?.(news);

const start = ({ readers: specs, tokens }: Order & { kind: 'start' }): void => {
  for (const spec of specs) {
    let turn = readers.length;
    const reader = new Reader({
      spec,
      token: tokens[spec.squad] ?? '',
      transport: transports[spec.transport],
      nextReplica: () => {
        const index = (turn += 1) % replicas.length;
        return { url: replicas[index] ?? '', index };
      },
      onDelay: (ms) => delaysMs.push(ms),
    });
    readers.push(reader);
    void reader.run();
  }
};

const byTransport = (count: (reader: Reader) => number): Counts => {
  const sum = { sse: 0, websocket: 0, rest: 0 };
  for (const reader of readers) sum[reader.options.spec.transport] += count(reader);
  return sum;
};

const total = (count: (reader: Reader) => number): number =>
  transportNames.reduce((sum, name) => sum + byTransport(count)[name], 0);

const report = (): Report => ({
  open: byTransport(({ at }) => (at === undefined ? 0 : 1)),
  openAt: replicas.map((_, index) => readers.filter(({ at }) => at === index).length),
  slowest: readers.reduce((least, { position }) => Math.min(least, position), Infinity),
  rows: total(({ rows }) => rows),
  reconnects: byTransport(({ reconnects }) => reconnects),
  gaps: total(({ gaps }) => gaps),
  silent,
});

const tick = (): void => {
  const connected = readers.filter(({ at }) => at !== undefined);
  due += (dropsPerSecond * reportMs) / 1_000;
  for (; due >= 1; due -= 1) connected[Math.floor(Math.random() * connected.length)]?.drop();
  for (const reader of readers) {
    if (performance.now() - reader.heard < silentMs) continue;
    silent += 1;
    reader.heard = performance.now();
    reader.drop();
  }
  send({ kind: 'report', ...report() });
};

const checked = (log: (Order & { kind: 'check' })['log']): Checked => {
  const findings = readers.flatMap(({ connections, options: { spec } }) =>
    check(log[spec.squad] ?? [], { begins: 0, connections }).map((one) => ({ ...one, reader: spec.id })),
  );
  const shown = findings.slice(0, shownFindings);
  return { readers: readers.length, findings: shown, findingsInAll: findings.length, delaysMs };
};

process.on('message', (order: Order) => {
  if (order.kind === 'drops') dropsPerSecond = order.perSecond;
  else if (order.kind === 'check') send({ kind: 'checked', ...checked(order.log) });
  else replicas = order.replicas;
  if (order.kind === 'start') start(order);
});
process.on('disconnect', () => process.exit());
setInterval(tick, reportMs);

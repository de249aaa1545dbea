import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runSoma } from './run-soma.js';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const soma = (...args: readonly string[]) => runSoma(root, ['feed', 'rules', ...args]);
const sample = 'infra/feed/examples/events.jsonl';

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'soma-rules-'));
});

afterEach(() => rmSync(directory, { recursive: true }));

const write = (name: string, text: string): string => {
  writeFileSync(join(directory, name), text);
  return join(directory, name);
};

const rule = (when: string) => `squad: infra-ops
rules:
  - name: one
    on: billing.events
    when: ${when}
    kind: x
    severity: info
    title: "{{ event.tenant_id }}"
    body: ""
`;

it('finds the rules of this repository right', async () => {
  expect(await soma('check')).toMatchObject({ code: 0, out: 'infra/feed: 4 rules, all right\n' });
});

it('prints every problem of every file, and exits with 1', async () => {
  write('infra-ops.yaml', rule('event.cots > 1'));
  write('ui-experience.yaml', 'squad: ui-experience\nrules: 7\n');
  const { code, out } = await soma('check', directory);
  expect(code).toBe(1);
  expect(out.trimEnd().split('\n')).toEqual([
    `${directory}/infra-ops.yaml:5:17 rules[0].when — there is no field cots; allowed: event_id, tenant_id, service, cost, currency, tokens, capsule_id, metadata, at`,
    `${directory}/ui-experience.yaml:2:8 rules — 7 does not fit; allowed: a list`,
    `${directory}: 2 errors`,
  ]);
  const json = JSON.parse((await soma('check', directory, '--json')).out) as object;
  expect(json).toMatchObject({
    ok: false,
    problems: [
      { line: 5, column: 17 },
      { line: 2, column: 8 },
    ],
  });
});

it('exits with 2 where there is no such directory or file', async () => {
  expect(await soma('check', join(directory, 'none'))).toMatchObject({
    code: 2,
    err: expect.stringContaining('allowed: a directory with <squad>.yaml') as string,
  });
  expect(await soma('test', '--events', join(directory, 'none'))).toMatchObject({
    code: 2,
    err: expect.stringContaining('cannot be read') as string,
  });
});

it('shows what the sample would send', async () => {
  const { code, out } = await soma('test', '--events', sample);
  expect(code).toBe(0);
  expect(out).toContain(
    'line 3: warning billing.threshold to identity-settings: acme has spent 55.00 EUR within 1h',
  );
  expect(out).toContain('held until 2026-06-02T05:00:00.000Z: initech has spent 60.00 EUR');
  expect(out.trimEnd().split('\n').at(-1)).toBe('8 events, 5 notifications');
  const { events } = JSON.parse((await soma('test', '--events', sample, '--json')).out) as {
    events: { notifications: { origin: string }[] }[];
  };
  expect(events.flatMap(({ notifications }) => notifications.map(({ origin }) => origin))).toEqual([
    'rule:identity-settings/tenant-spend/billing.events/0/2',
    'rule:policy-orchestration/grave-denial/policy.decisions/0/3',
    'rule:memory-constitution/constitution-changed/constitution.updated/0/5',
    'rule:infra-ops/rotation-failed/identity.audit/0/6',
    'rule:identity-settings/tenant-spend/billing.events/0/7',
  ]);
});

it('names every line that is no event, and says when a rule fails for one', async () => {
  write('infra-ops.yaml', rule('event.metadata.region == "eu"'));
  const value = { event_id: 'x', tenant_id: 'acme', service: 's', cost: 1, currency: 'EUR', at: 0 };
  const events = write(
    'events.jsonl',
    [
      '{',
      JSON.stringify({ topic: 'slm.requests', value: {}, when: 1 }),
      JSON.stringify({ topic: 'billing.events', value: { ...value, cost: 'much' } }),
    ].join('\n'),
  );
  const wrong = await soma('test', '--events', events, '--rules', directory);
  expect(wrong.code).toBe(1);
  expect(wrong.err).toContain(`${events}:1 — no JSON`);
  expect(wrong.err).toContain(`${events}:2 topic — allowed: billing.events, `);
  expect(wrong.err).toContain(`${events}:3 value.cost — does not fit; allowed: a whole number`);
  write('events.jsonl', JSON.stringify({ topic: 'billing.events', value }));
  expect(await soma('test', '--events', events, '--rules', directory)).toMatchObject({
    code: 1,
    out: expect.stringContaining('line 1: infra-ops/one failed: No such key: region') as string,
  });
});

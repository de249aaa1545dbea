import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { formatProblems, loadCatalogue } from '@soma/catalogue';
import { readRuleFiles } from '../../rule-files.js';
import { feedTopics } from './feed-topics.js';
import { allRules, loadRules } from './load-rules.js';

const root = fileURLToPath(new URL('../../../../../', import.meta.url));

const good = (name = 'one') => `squad: infra-ops
rules:
  - name: ${name}
    on: identity.audit
    when: event.outcome == "failure"
    kind: audit.failed
    severity: error
    title: "{{ event.action }}"
    body: ""
`;
const file = (path: string, text: string) => ({ path, text });
const ids = (rules: ReturnType<typeof loadRules>['rules']) => allRules(rules).map(({ id }) => id);

it('loads the rules of this repository', async () => {
  const { rules, problems } = loadRules(await readRuleFiles(`${root}infra/feed`));
  expect(formatProblems(problems)).toBe('');
  expect(ids(rules)).toEqual([
    'identity-settings/tenant-spend',
    'infra-ops/rotation-failed',
    'memory-constitution/constitution-changed',
    'policy-orchestration/grave-denial',
  ]);
  expect(readFileSync(`${root}infra/feed/examples/events.jsonl`, 'utf8')).toContain('"topic"');
});

it('lets rules name exactly the topics that the catalogue lets notification-feed read', async () => {
  const result = await loadCatalogue(`${root}schemas`);
  const readable = result.ok
    ? result.catalogue.topics
        .filter(({ spec }) => spec.consumers.some(({ service }) => service === 'notification-feed'))
        .map(({ spec }) => spec.topic)
    : [];
  expect(readable.toSorted()).toEqual([...feedTopics]);
});

it('names everything that is wrong at once, with line, column, field and what is allowed', () => {
  const { problems } = loadRules([
    file(
      'identity-settings.yaml',
      `squad: infra-ops
rules:
  - name: one
    on: [billing.events, slm.requests]
    when: event.tenant == "x"
    kind: x
    severity: error
    title: 'To {{ event.tenant_id }} and {{ topc }}'
    body: |
      First line
      second {{ event.cost + "x" }}
    link: "{{ event.tenant_id }}"
  - name: one
    on: billing.events
    when: event.cost
    kind: x
    severity: error
    title: "{{ group.sum }}"
    body: '{{ event.cost'
    group: { by: [event.metadata], window: 1h, sum: event.tenant_id, over: 1 }
`,
    ),
    file(
      'ui-experience.yaml',
      `squad: ui-experience
rules:
  - { name: A, on: 7, when: "", kind: X y, severity: loud, title: t, body: b, colour: red,
      group: { by: [], window: 3y, over: 1.5 }, rateLimit: { max: 0, per: 32d },
      quietHours: { from: "25:00", to: "07:00", timeZone: Mars, then: wait } }
  - { name: b, on: billing.events, when: event.cots > 1, kind: x, severity: info, title: t, body: b }
`,
    ),
    file('slm-execution.yaml', 'squad: slm-execution\nrules:\n  - name: [\n'),
  ]);
  expect(formatProblems(problems)).toMatchInlineSnapshot(`
    "identity-settings.yaml:1:8 squad — the file is named identity-settings; allowed: identity-settings
    identity-settings.yaml:4:26 rules[0].on[1] — notification-feed may not read "slm.requests"; allowed: billing.events, constitution.updated, identity.audit, infra.notifications, policy.decisions, settings.changed
    identity-settings.yaml:5:17 rules[0].when — there is no field tenant (billing.events); allowed: event_id, tenant_id, service, cost, currency, tokens, capsule_id, metadata, at
    identity-settings.yaml:8:45 rules[0].title — there is no topc (billing.events); allowed: event, headers, topic, key, at
    identity-settings.yaml:11:17 rules[0].body — CEL: no such overload: int + string (billing.events)
    identity-settings.yaml:12:11 rules[0].link — is no link to a fixed host; allowed: https://host/…, expressions behind it
    identity-settings.yaml:13:11 rules[1].name — there is a rule one above; allowed: a name of its own
    identity-settings.yaml:15:11 rules[1].when — this is int; allowed: a condition: true or false
    identity-settings.yaml:19:11 rules[1].body — {{ is not closed; allowed: {{ expression }}
    identity-settings.yaml:20:19 rules[1].group.by[0] — this is map<string, string>; allowed: a text, a whole number or true | false
    identity-settings.yaml:20:53 rules[1].group.sum — this is string; allowed: a whole number (int), such as event.cost
    slm-execution.yaml:4:1 — Flow sequence in block collection must be sufficiently indented and end with a ]
    ui-experience.yaml:3:13 rules[0].name — "A" does not fit; allowed: lower-case letters, digits and dashes, a letter first
    ui-experience.yaml:3:20 rules[0].on — 7 does not fit; allowed: a topic, or a list of topics
    ui-experience.yaml:3:29 rules[0].when — "" does not fit; allowed: a text that is not empty
    ui-experience.yaml:3:39 rules[0].kind — "X y" does not fit; allowed: a dotted word such as billing.threshold
    ui-experience.yaml:3:54 rules[0].severity — "loud" does not fit; allowed: info | warning | error | critical
    ui-experience.yaml:3:79 rules[0].colour — unknown key; allowed: name, on, when, kind, severity, title, body, link, group, rateLimit, quietHours, squads, enabled
    ui-experience.yaml:4:20 rules[0].group.by — it is a list; allowed: a list that is not empty
    ui-experience.yaml:4:32 rules[0].group.window — does not fit; allowed: a duration from 1s to 31d, such as 30s, 10m, 1h or 7d
    ui-experience.yaml:4:42 rules[0].group.over — 1.5 does not fit; allowed: a whole number
    ui-experience.yaml:4:67 rules[0].rateLimit.max — 0 does not fit; allowed: a whole number from 1 up
    ui-experience.yaml:4:75 rules[0].rateLimit.per — does not fit; allowed: a duration from 1s to 31d, such as 30s, 10m, 1h or 7d
    ui-experience.yaml:5:27 rules[0].quietHours.from — "25:00" does not fit; allowed: a time of day from "00:00" to "23:59"
    ui-experience.yaml:5:59 rules[0].quietHours.timeZone — no time zone; allowed: such as Europe/Berlin or UTC
    ui-experience.yaml:5:71 rules[0].quietHours.then — "wait" does not fit; allowed: hold | drop
    ui-experience.yaml:6:48 rules[1].when — there is no field cots; allowed: event_id, tenant_id, service, cost, currency, tokens, capsule_id, metadata, at"
  `);
});

it('checks what is in maps, too', () => {
  const text = good().replace('event.outcome == "failure"', 'event.outcome.size() > 0 && headers.x.y == ""');
  expect(loadRules([file('infra-ops.yaml', text)]).problems).toMatchObject([
    { line: 5, column: 49, message: "CEL: Cannot index type 'string'" },
  ]);
});

it('keeps the last good rules of a broken file, and never those of a file that is gone', () => {
  const other = file('ui-experience.yaml', good('other').replace('infra-ops', 'ui-experience'));
  const first = loadRules([file('infra-ops.yaml', good('old')), other]);
  expect(ids(first.rules)).toEqual(['infra-ops/old', 'ui-experience/other']);
  const broken = loadRules(
    [file('infra-ops.yaml', good('new').replace('event.outcome', 'event.outcom')), other],
    first.rules,
  );
  expect(broken.problems).toHaveLength(1);
  expect(ids(broken.rules)).toEqual(['infra-ops/old', 'ui-experience/other']);
  expect(ids(loadRules([file('infra-ops.yaml', good('new'))], broken.rules).rules)).toEqual([
    'infra-ops/new',
  ]);
  expect(ids(loadRules([file('infra-ops.yaml', 'squad: [')]).rules)).toEqual([]);
});

it('reads when a squad wants a digest and whom its criticals concern, and says what is wrong with that', () => {
  const plans = `digest: { at: "0 8 * * 1", timeZone: Europe/Berlin, minSeverity: warning }
escalation: { after: 15m, to: [policy-orchestration], kinds: [rotation.*, alert.firing] }
`;
  const { rules, problems } = loadRules([file('infra-ops.yaml', good() + plans)]);
  expect(problems).toEqual([]);
  expect([...rules.values()]).toMatchObject([
    {
      squad: 'infra-ops',
      digest: { at: '0 8 * * 1', timeZone: 'Europe/Berlin', minSeverity: 'warning' },
      escalation: {
        after: { text: '15m', ms: 900_000 },
        to: ['policy-orchestration'],
        kinds: ['rotation.*', 'alert.firing'],
      },
    },
  ]);
  const wrong = `squad: infra-ops
rules: []
digest: { at: 0 8 30 2 *, timeZone: Mars, minSeverity: loud }
escalation: { after: soon, to: [everybody], kinds: ['*'], note: x }
`;
  const broken = loadRules(
    [
      file('infra-ops.yaml', wrong),
      file(
        'ui-experience.yaml',
        'squad: ui-experience\nrules: []\ndigest:\n  at: "* * * * * *"\nescalation: { after: 1h, to: [] }\n',
      ),
    ],
    rules,
  );
  expect(formatProblems(broken.problems)).toMatchInlineSnapshot(`
    "infra-ops.yaml:3:15 digest.at — names a time that never comes; allowed: five fields of cron, such as "0 8 * * 1": Mondays at 08:00
    infra-ops.yaml:3:37 digest.timeZone — no time zone; allowed: such as Europe/Berlin or UTC
    infra-ops.yaml:3:56 digest.minSeverity — "loud" does not fit; allowed: info | warning | error | critical
    infra-ops.yaml:4:22 escalation.after — does not fit; allowed: a duration from 1s to 31d, such as 30s, 10m, 1h or 7d
    infra-ops.yaml:4:33 escalation.to[0] — "everybody" does not fit; allowed: memory-constitution | slm-execution | policy-orchestration | identity-settings | ui-experience | infra-ops
    infra-ops.yaml:4:53 escalation.kinds[0] — "*" does not fit; allowed: a kind such as drill.finished, or all that begin alike: drill.*
    infra-ops.yaml:4:59 escalation.note — unknown key; allowed: after, to, kinds
    ui-experience.yaml:4:3 digest.timeZone — is missing; allowed: a text
    ui-experience.yaml:4:7 digest.at — does not fit; allowed: five fields of cron, such as "0 8 * * 1": Mondays at 08:00
    ui-experience.yaml:5:30 escalation.to — it is a list; allowed: a list that is not empty"
  `);
  expect(broken.rules).toEqual(rules);
});

it('leaves out what is not enabled, but checks it', () => {
  const off = `${good()}    enabled: false\n`;
  expect(loadRules([file('infra-ops.yaml', off)])).toMatchObject({ problems: [] });
  expect(ids(loadRules([file('infra-ops.yaml', off)]).rules)).toEqual([]);
  expect(loadRules([file('infra-ops.yaml', off.replace('event.outcome', 'event.x'))]).problems).toHaveLength(
    1,
  );
});

import fc from 'fast-check';
import { alertGroup, fromAlertGroup } from './alertmanager.js';

const startsAt = '2026-06-01T10:00:00.123456789+02:00';
const alert = {
  status: 'firing',
  labels: {
    alertname: 'BrokerDown',
    severity: 'critical',
    squad: 'slm-execution, infra-ops',
    instance: 'kafka-1',
  },
  annotations: { summary: 'Broker kafka-1 is down', description: 'No answer for a minute.' },
  startsAt,
  endsAt: '0001-01-01T00:00:00Z',
  generatorURL: 'http://prometheus.example.com/graph?g0.expr=up',
  fingerprint: '7c9a1f',
};

const group = (...alerts: object[]) => ({
  version: '4',
  groupKey: '{}:{alertname="BrokerDown"}',
  truncatedAlerts: 0,
  status: 'firing',
  receiver: 'feed',
  externalURL: 'http://alertmanager.example.com',
  alerts,
});

const read = (message: object) => fromAlertGroup(alertGroup.parse(message));
const one = (changed: object = {}) => {
  const [entry] = read(group({ ...alert, ...changed }));
  if (!entry) throw new Error('no alert was read');
  return entry;
};
const labelled = (labels: Record<string, string>) => one({ labels }).notification;
const errors = (message: unknown) =>
  Object.fromEntries(
    alertGroup.safeParse(message).error?.issues.map(({ path, message }) => [path.join('.'), message]) ?? [],
  );

describe('an alert', () => {
  it('is told to the squads of its label, while it fires', () => {
    expect(one().notification).toEqual({
      squads: ['infra-ops', 'slm-execution'],
      source: 'alertmanager',
      kind: 'alert.firing',
      severity: 'critical',
      title: 'Broker kafka-1 is down',
      body: 'No answer for a minute.',
      link: alert.generatorURL,
      dedupeKey: 'alert/7c9a1f',
      metadata: alert.labels,
      happenedAt: Date.UTC(2026, 5, 1, 8, 0, 0, 123),
    });
  });

  it('is told again when it is over, quietly, and with the time at which it ended', () => {
    const over = one({ status: 'resolved', endsAt: '2026-06-01T08:05:00Z' });
    expect(over.notification).toMatchObject({
      kind: 'alert.resolved',
      severity: 'info',
      title: 'Resolved: Broker kafka-1 is down',
      dedupeKey: one().notification.dedupeKey,
      happenedAt: Date.UTC(2026, 5, 1, 8, 5),
    });
    expect(over.origin).not.toBe(one().origin);
  });

  it.each([
    ['critical', 'critical'],
    ['Error', 'error'],
    ['info', 'info'],
    ['page', 'warning'],
    [undefined, 'warning'],
  ])('with the severity %s has that of %s', (severity, expected) => {
    expect(labelled({ ...(severity !== undefined && { severity }) }).severity).toBe(expected);
  });

  it('is for infra-ops when it names no squad, or none that there is', () => {
    expect(labelled({}).squads).toEqual(['infra-ops']);
    expect(labelled({ squad: '*, everybody' }).squads).toEqual(['infra-ops']);
    expect(labelled({ squad: 'everybody,ui-experience' }).squads).toEqual(['ui-experience']);
  });

  it('without a summary has its name as the title, and no link that is none', () => {
    const bare = one({ annotations: {}, generatorURL: 'javascript:alert(1)' }).notification;
    expect(bare).toMatchObject({ title: 'BrokerDown', body: '', link: null });
  });

  it('has no time before 1970, though Go writes one where it knows none', () => {
    const never = { status: 'resolved', endsAt: '0001-01-01T00:00:00Z' };
    expect(one(never).notification.happenedAt).toBe(0);
  });

  it('keeps no more of its labels than a notification holds', () => {
    const labels = Object.fromEntries(
      Array.from({ length: 80 }, (_, index) => [`label_${index}`, 'x'.repeat(5_000)]),
    );
    const { metadata } = labelled(labels);
    expect(Object.keys(metadata)).toHaveLength(50);
    expect(Math.max(...Object.values(metadata).map(({ length }) => length))).toBe(1_000);
  });
});

describe('the origin', () => {
  it('is that of group, fingerprint, status and start, whatever else the message says', () => {
    const word = fc.string({ minLength: 1, maxLength: 20 });
    const start = fc.date({ min: new Date(0), max: new Date(4e12), noInvalidDate: true });
    const states = fc.record({
      groupKey: word,
      fingerprint: word,
      status: fc.constantFrom('firing', 'resolved'),
      startsAt: start.map((date) => date.toISOString()),
    });
    const says = fc.record({
      annotations: fc.dictionary(word, word),
      endsAt: start.map((date) => date.toISOString()),
    });
    fc.assert(
      fc.property(states, states, says, says, (a, b, first, second) => {
        const origin = ({ groupKey, ...state }: typeof a, more: object) =>
          read({ ...group({ ...alert, ...state, ...more }), groupKey })[0]?.origin;
        expect(origin(a, first)).toBe(origin(a, second));
        expect(origin(a, first) === origin(b, first)).toBe(JSON.stringify(a) === JSON.stringify(b));
      }),
    );
  });

  it('does not depend on the time zone of an Alertmanager, or on who else is in the message', () => {
    const elsewhere = { ...alert, startsAt: '2026-06-01T08:00:00.123456789Z' };
    expect(read(group({ ...alert, fingerprint: 'other' }, elsewhere))[1]?.origin).toBe(one().origin);
  });
});

describe('a message', () => {
  it('of another version is refused by that name', () => {
    expect(errors({ ...group(alert), version: '5' })).toEqual({
      version: 'version 4 of the webhook, which Alertmanager has sent since 0.6',
    });
  });

  it('is told everything that is wrong with it at once', () => {
    expect(errors('text')).toEqual({
      '': 'a message of the webhook receiver of Alertmanager: a JSON object',
    });
    expect(
      errors({ version: 4, alerts: [alert, { status: 'on', labels: { a: 1 }, startsAt: 'now' }] }),
    ).toEqual({
      version: 'version 4 of the webhook, which Alertmanager has sent since 0.6',
      groupKey: 'the key of the group',
      'alerts.1.status': 'firing or resolved',
      'alerts.1.labels.a': 'a text',
      'alerts.1.startsAt': 'a time in RFC 3339',
      'alerts.1.endsAt': 'a time in RFC 3339',
      'alerts.1.fingerprint': 'the fingerprint of the alert',
    });
  });
});

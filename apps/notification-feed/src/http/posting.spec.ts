import { CloudEvent, HTTP } from 'cloudevents';
import fc from 'fast-check';
import { InvalidRequest } from '@soma/service-kit';
import type { Headers } from '../core/cloudevent.js';
import { fromPosted } from '../core/posted.js';
import { readPosting } from './posting.js';

const json = { 'content-type': 'application/json' };
const structured = { 'content-type': 'application/cloudevents+json; charset=utf-8' };
const nightly = { squads: ['infra-ops'], kind: 'nightly.finished', title: 'Nightly passed' };

const read = (body: unknown, headers: Headers = json, caller = 'ci') => {
  let ids = 0;
  return readPosting(headers, body, { caller, newId: () => `id-${(ids += 1)}` });
};
const origins = (...args: Parameters<typeof read>) => read(...args).items.map(({ origin }) => origin);
const errors = (...args: Parameters<typeof read>): Record<string, string> => {
  try {
    read(...args);
  } catch (error) {
    if (!(error instanceof InvalidRequest)) throw error;
    return Object.fromEntries(error.errors.map(({ path, message }) => [path, message]));
  }
  return {};
};

describe('a posted notification', () => {
  it('needs squads, kind and title; what it leaves out follows from the request', () => {
    const [item] = read(nightly).items;
    if (!item) throw new Error('nothing was read');
    const now = Date.UTC(2026, 5, 1);
    expect(fromPosted(item.posted, { caller: 'ci', origin: item.origin, now })).toEqual({
      ...nightly,
      source: 'ci',
      severity: 'info',
      body: '',
      link: null,
      dedupeKey: item.origin,
      metadata: {},
      happenedAt: now,
    });
  });

  it('is for all squads when it names none, as in infra.notifications', () => {
    const squads = (named: string[]) =>
      read({ ...nightly, squads: named }).items.map(
        ({ posted, origin }) => fromPosted(posted, { caller: 'ci', origin, now: 0 }).squads,
      );
    expect(squads([])).toEqual([['*']]);
    expect(squads(['infra-ops', 'infra-ops'])).toEqual([['infra-ops']]);
  });

  it('comes alone, in a list or in an envelope', () => {
    expect(read(nightly).items).toHaveLength(1);
    expect(read([nightly, nightly]).items).toHaveLength(2);
    expect(read({ notifications: [nightly, nightly] }).items).toHaveLength(2);
    expect(errors([])).toEqual({ '': 'at least one notification' });
    expect(errors(Array(501).fill(nightly))).toEqual({ '': 'at most 500 at once' });
    expect(errors('text')).toEqual({ '': 'a notification: a JSON object' });
    expect(errors(undefined)).toEqual({ '': 'a notification: a JSON object' });
  });

  it('is told everything that is wrong with it at once', () => {
    const wrong = {
      squads: ['everybody'],
      source: '',
      kind: 'two words',
      severity: 'loud',
      title: '',
      body: 7,
      link: 'javascript:alert(1)',
      dedupe_key: '',
      metadata: { run: 7 },
      at: 'yesterday',
      squad: 'infra-ops',
    };
    expect(errors([nightly, wrong], { ...json, 'idempotency-key': 'é' })).toEqual({
      'idempotency-key': '1 to 255 visible ASCII characters',
      '1.squads.0': 'the name of a squad, or * for all of them',
      '1.source': 'the service or pipeline that sends it',
      '1.kind': 'a dotted word such as nightly.finished, at most 200 characters',
      '1.severity': 'one of info, warning, error, critical',
      '1.title': 'one line that makes sense without the body',
      '1.body': 'a text',
      '1.link': 'an absolute http or https URL',
      '1.dedupe_key': 'what this is about',
      '1.metadata.run': 'a text',
      '1.at': 'a time: RFC 3339, or whole milliseconds since 1970, before the year 9999',
      '1': expect.stringContaining('squad') as string,
    });
    expect(Object.keys(errors({}))).toEqual(['squads', 'kind', 'title']);
  });

  it.each([
    ['2026-06-01T10:00:00+02:00', Date.UTC(2026, 5, 1, 8)],
    [1_780_300_800_000, 1_780_300_800_000],
  ])('takes the time %s', (at, expected) => {
    expect(read({ ...nightly, at }).items[0]?.posted.at).toBe(expected);
  });

  it.each([-1, 1.5, 9e15, '+012345-01-01T00:00:00Z', '2026-06-01', null])('refuses the time %j', (at) => {
    expect(Object.keys(errors({ ...nightly, at }))).toEqual(['at']);
  });

  it('refuses a body that is not said to be JSON', () => {
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', undefined])
      expect(() => read(nightly, { 'content-type': type })).toThrow('send application/json');
  });
});

describe('the origin', () => {
  const anything = fc.string({ unit: 'binary', minLength: 1, maxLength: 40 });
  const token = fc.stringMatching(/^[a-z0-9-]{1,20}$/);

  it('is the same for the same key of the same caller, and for nothing else', () => {
    fc.assert(
      fc.property(anything, anything, anything, anything, (caller, key, otherCaller, otherKey) => {
        const origin = (who: string, dedupe_key: string) => origins({ ...nightly, dedupe_key }, json, who)[0];
        expect(origin(caller, key)).toBe(origin(caller, key));
        expect(origin(caller, key) === origin(otherCaller, otherKey)).toBe(
          caller === otherCaller && key === otherKey,
        );
      }),
    );
  });

  it('is one per item and Idempotency-Key, quoted or not, whatever the items are about', () => {
    fc.assert(
      fc.property(token, token, fc.integer({ min: 1, max: 20 }), (key, other, count) => {
        const items = Array.from({ length: count }, () => ({ ...nightly, dedupe_key: 'same' }));
        const keyed = (value: string) => origins(items, { ...json, 'idempotency-key': value });
        expect(new Set(keyed(key)).size).toBe(count);
        expect(keyed(`"${key}"`)).toEqual(keyed(key));
        if (key !== other) expect(keyed(key)).not.toContain(keyed(other)[0]);
      }),
    );
  });

  it('is a new one each time when nothing makes it a repeat', () => {
    expect(new Set(origins([nightly, nightly, { ...nightly, dedupe_key: 'x' }])).size).toBe(3);
    expect(
      origins([
        { ...nightly, dedupe_key: 'x' },
        { ...nightly, dedupe_key: 'x' },
      ])[0],
    ).toBe(origins({ ...nightly, title: 'Other', dedupe_key: 'x' })[0]);
  });
});

describe('a CloudEvent', () => {
  const base = {
    specversion: '1.0',
    id: 'a-1',
    source: '/ci/nightly',
    type: 'com.example.nightly.finished',
    subject: 'regression',
    time: '2026-06-01T08:00:00.000Z',
    somasquads: 'infra-ops, slm-execution',
    data: { severity: 'error', body: 'slower', metadata: { commit: 'c41d' } },
  } as const;
  const posted = {
    squads: ['infra-ops', 'slm-execution'],
    source: '/ci/nightly',
    kind: 'com.example.nightly.finished',
    severity: 'error',
    title: 'regression',
    body: 'slower',
    link: null,
    dedupe_key: 'regression',
    metadata: { commit: 'c41d' },
    at: Date.UTC(2026, 5, 1, 8),
  };

  it('is read as the library of CloudEvents writes it, in each content mode', () => {
    const event = new CloudEvent(base);
    for (const message of [HTTP.binary(event), HTTP.structured(event)]) {
      const headers = Object.fromEntries(
        Object.entries(message.headers).map(([name, value]) => [name.toLowerCase(), `${value as string}`]),
      );
      const body: unknown = typeof message.body === 'string' ? JSON.parse(message.body) : message.body;
      expect(read(body, headers).items).toEqual([
        { posted, origin: expect.stringMatching(/^cloudevents:/) as string },
      ]);
    }
    const batch = { 'content-type': 'application/cloudevents-batch+json' };
    expect(read([base, base], batch).items.map((item) => item.posted)).toEqual([posted, posted]);
    expect(read([], batch).items).toEqual([]);
  });

  it('has its source and id as the key: in any content mode, whatever else it says', () => {
    const text = fc.string({ minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(text, text, text, text, (source, id, otherSource, otherId) => {
        const origin = (event: object) => origins({ ...base, ...event }, structured)[0];
        expect(origin({ source, id, type: 'x', data: {} })).toBe(origin({ source, id }));
        expect(origin({ source, id }) === origin({ source: otherSource, id: otherId })).toBe(
          source === otherSource && id === otherId,
        );
      }),
    );
    const { data, ...attributes } = base;
    const headers = Object.fromEntries(
      Object.entries(attributes).map(([name, value]) => [`ce-${name}`, encodeURIComponent(value)]),
    );
    expect(origins(data, { ...json, ...headers })).toEqual(origins(base, structured));
  });

  it('may say in its data whom it addresses and what its title is', () => {
    const { somasquads: _, subject: __, ...rest } = base;
    const data = { squads: ['ui-experience'], title: 'Slower' };
    expect(read({ ...rest, data }, structured).items[0]?.posted).toMatchObject(data);
  });

  it('is told everything that is wrong with it at once', () => {
    expect(
      errors({ specversion: '0.3', time: 'now', data_base64: 'AA==', data: { kind: 'x' } }, structured),
    ).toEqual({
      specversion: 'the version of CloudEvents: 1.0',
      id: 'with the source, what makes the event this one',
      source: 'where it happened: a URI reference',
      type: 'a dotted word such as nightly.finished, at most 200 characters',
      time: 'a time: RFC 3339, or whole milliseconds since 1970, before the year 9999',
      data_base64: 'data as JSON instead of base64',
      data: expect.stringContaining('kind') as string,
      'data.squads': 'squads are missing: here, or in the attribute somasquads',
      'data.title': 'a title is missing: here, or in the attribute subject',
    });
    expect(errors({ ...base, somasquads: 'everybody', data: 'text' }, structured)).toEqual({
      'somasquads.0': 'the name of a squad, or * for all of them',
      data: 'the fields of a notification, as a JSON object',
    });
  });
});

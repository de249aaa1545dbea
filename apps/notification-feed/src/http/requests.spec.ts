import type { z } from 'zod';
import { cursorForm } from '../core/cursor.js';
import { listQuery, startOf, streamHeaders, streamQuery } from './requests.js';

const errors = (schema: z.ZodType, value: unknown): Record<string, string> =>
  Object.fromEntries(
    schema.safeParse(value).error?.issues.map(({ path, message }) => [path.join('.'), message]) ?? [],
  );

describe('GET /v1/notifications', () => {
  it('takes a squad alone, and gives 50', () => {
    expect(listQuery.parse({ squad: 'infra-ops' })).toEqual({ squad: 'infra-ops', limit: 50 });
  });

  it('takes positions up to the largest of 64 bits as text', () => {
    const largest = '9223372036854775807';
    expect(listQuery.parse({ squad: 'infra-ops', after: largest, limit: '500' })).toEqual({
      squad: 'infra-ops',
      after: largest,
      limit: 500,
    });
    expect(errors(listQuery, { squad: 'infra-ops', before: '9223372036854775808' })).toEqual({
      before: cursorForm,
    });
  });

  it('names everything that is wrong at once', () => {
    expect(
      errors(listQuery, { squad: 'everybody', after: '-1', before: 'x', limit: '501', page: '2' }),
    ).toEqual({
      squad: 'the name of a squad, such as identity-settings',
      after: cursorForm,
      before: 'either after or before, not both',
      limit: expect.stringContaining('500'),
      '': expect.stringContaining('page'),
    });
  });

  it.each([undefined, '', '*', ['infra-ops', 'slm-execution']])('refuses %j as a squad', (squad) => {
    expect(Object.keys(errors(listQuery, { squad }))).toEqual(['squad']);
  });

  it.each(['0', '-1', '1.5', 'many', ''])('refuses the limit %j', (limit) => {
    expect(Object.keys(errors(listQuery, { squad: 'infra-ops', limit }))).toEqual(['limit']);
  });
});

describe('filters', () => {
  const squad = 'infra-ops';

  it('are lists, of which each part has to fit', () => {
    expect(
      listQuery.parse({ squad, kind: 'drill.*,nightly.finished', severity: 'error,critical' }),
    ).toMatchObject({
      kind: ['drill.*', 'nightly.finished'],
      severity: ['error', 'critical'],
    });
    expect(
      Object.keys(errors(listQuery, { squad, kind: 'drill.*,%', severity: 'loud', since: 'yesterday' })),
    ).toEqual(['kind.1', 'severity.0', 'since']);
  });

  it('take a time with its offset', () => {
    expect(listQuery.parse({ squad, since: '2026-11-24T09:00:00+01:00' }).since).toBe(
      Date.UTC(2026, 10, 24, 8),
    );
  });
});

describe('GET /v1/stream', () => {
  it('takes a squad and a cursor', () => {
    expect(streamQuery.parse({ squad: 'infra-ops', after: 'abcd1234.7' })).toEqual({
      squad: 'infra-ops',
      after: 'abcd1234.7',
    });
    expect(Object.keys(errors(streamQuery, { squad: 'x', since: '1e3', after: 'x', page: '4' }))).toEqual([
      'squad',
      'after',
      'since',
      '',
    ]);
  });

  it('takes no Last-Event-ID that it has not given out', () => {
    expect(streamHeaders.parse({ 'last-event-id': '41' })).toEqual({ 'last-event-id': '41' });
    expect(streamHeaders.parse({ 'last-event-id': undefined })).toEqual({});
    expect(Object.keys(errors(streamHeaders, { 'last-event-id': 'abc' }))).toEqual(['last-event-id']);
  });

  it('begins behind Last-Event-ID, else after, else since, else now', () => {
    const since = 5;
    expect(startOf({ after: 'abcd1234.7', since }, '41')).toEqual({ cursor: { position: 41n } });
    expect(startOf({ after: 'abcd1234.7', since })).toEqual({ cursor: { epoch: 'abcd1234', position: 7n } });
    expect(startOf({ since })).toEqual({ since });
    expect(startOf({})).toBe('now');
  });
});

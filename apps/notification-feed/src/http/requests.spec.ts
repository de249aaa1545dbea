import type { z } from 'zod';
import { listQuery, streamHeaders, streamQuery } from './requests.js';

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
      before: 'a position up to 9223372036854775807',
    });
  });

  it('names everything that is wrong at once', () => {
    expect(
      errors(listQuery, { squad: 'everybody', after: '-1', before: 'x', limit: '501', page: '2' }),
    ).toEqual({
      squad: 'the name of a squad, such as identity-settings',
      after: 'a position: a whole number from 0 to 9223372036854775807',
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

describe('GET /v1/stream', () => {
  it('takes a squad and a cursor', () => {
    expect(streamQuery.parse({ squad: 'infra-ops', since: '0' })).toEqual({ squad: 'infra-ops', since: '0' });
    expect(Object.keys(errors(streamQuery, { squad: 'x', since: '1e3', after: '4' }))).toEqual([
      'squad',
      'since',
      '',
    ]);
  });

  it('takes no Last-Event-ID that it has not given out', () => {
    expect(streamHeaders.parse({ 'last-event-id': '41' })).toEqual({ 'last-event-id': '41' });
    expect(streamHeaders.parse({ 'last-event-id': undefined })).toEqual({});
    expect(Object.keys(errors(streamHeaders, { 'last-event-id': 'abc' }))).toEqual(['last-event-id']);
  });
});

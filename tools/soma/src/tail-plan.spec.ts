import { fits, sinceOf, tailPlan, type TailWords } from './tail-plan.js';

const now = Date.UTC(2026, 5, 1, 8);

describe('sinceOf', () => {
  it.each([
    ['30s', '2026-06-01T07:59:30.000Z'],
    ['90m', '2026-06-01T06:30:00.000Z'],
    ['2h', '2026-06-01T06:00:00.000Z'],
    ['7d', '2026-05-25T08:00:00.000Z'],
    ['1w', '2026-05-25T08:00:00.000Z'],
    ['2026-05-31T10:00:00+02:00', '2026-05-31T08:00:00.000Z'],
    ['2026-05-31T10:00:00.5Z', '2026-05-31T10:00:00.500Z'],
  ])('understands %s', (text, time) => {
    expect(sinceOf(text, now)?.toISOString()).toBe(time);
  });

  it.each([
    '',
    '2',
    'h',
    '2 h',
    '-2h',
    '2y',
    '0',
    'yesterday',
    '2026-06-01',
    '2026-13-01T00:00:00Z',
    '999999999w',
  ])('does not understand %j', (text) => {
    expect(sinceOf(text, now)).toBeUndefined();
  });
});

describe('fits', () => {
  it.each([
    ['alert.*', 'alert.firing', true],
    ['alert.*', 'alerts', false],
    ['*.failed', 'rotation.failed', true],
    ['*', 'anything', true],
    ['a.b', 'a.b', true],
    ['a.b', 'axb', false],
    ['a+(b', 'a+(b', true],
    ['alert', 'alert.firing', false],
  ])('%s, %s: %s', (pattern, kind, expected) => {
    expect(fits(pattern, kind)).toBe(expected);
  });
});

describe('tailPlan', () => {
  const planOf = (words: TailWords) => {
    const plan = tailPlan(words, now);
    if ('problems' in plan) throw new Error(plan.problems.join('\n'));
    return plan;
  };

  it('wants everything from now on, unless told', () => {
    const plan = planOf({});
    expect(plan).toMatchObject({ from: undefined, count: Infinity });
    expect(plan.wanted({ kind: 'x', severity: 'info' })).toBe(true);
  });

  it('wants what is as severe as that, and of a kind', () => {
    const { wanted } = planOf({ severity: 'error', kind: 'alert.*' });
    const shown = (['info', 'warning', 'error', 'critical'] as const).filter((severity) =>
      wanted({ kind: 'alert.firing', severity }),
    );
    expect(shown).toEqual(['error', 'critical']);
    expect(wanted({ kind: 'drill.finished', severity: 'critical' })).toBe(false);
  });

  it('says everything that is wrong at once', () => {
    expect(tailPlan({ since: 'soon', after: '1', count: '0', severity: 'loud' }, now)).toEqual({
      problems: [
        expect.stringContaining('--since soon: a time such as'),
        'either --since or --after, not both',
        '--count 0: a whole number from 1',
        '--severity loud: one of info, warning, error, critical',
      ],
    });
  });
});

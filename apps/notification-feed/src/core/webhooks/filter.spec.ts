import { disabledKind, type Filter, matches } from './filter.js';

const passes = (filter: Partial<Filter>, kind = 'alert.firing', severity: 'info' | 'error' = 'info') =>
  matches(
    { id: 'own', filter: { kinds: [], minSeverity: 'info', ...filter } },
    { kind, severity, metadata: {} },
  );

it('passes all kinds, one of them, or all that begin with a word', () => {
  expect(passes({})).toBe(true);
  expect(passes({ kinds: ['alert.firing'] })).toBe(true);
  expect(passes({ kinds: ['x', 'alert.*'] })).toBe(true);
  expect(passes({ kinds: ['alert'] })).toBe(false);
  expect(passes({ kinds: ['alert.*'] }, 'alert')).toBe(false);
  expect(passes({ kinds: ['alert.*'] }, 'alerts.firing')).toBe(false);
  expect(passes({ kinds: ['alert.firing'] }, 'alert.firing.twice')).toBe(false);
});

it('passes a severity from the least one on', () => {
  expect(passes({ minSeverity: 'error' }, 'x', 'info')).toBe(false);
  expect(passes({ minSeverity: 'error' }, 'x', 'error')).toBe(true);
  expect(passes({ minSeverity: 'critical' }, 'x', 'error')).toBe(false);
  expect(passes({ minSeverity: 'warning' }, 'x', 'error')).toBe(true);
});

it('does not tell a webhook of its own end', () => {
  const filter: Filter = { kinds: [], minSeverity: 'info' };
  const notification = { kind: disabledKind, severity: 'error', metadata: { webhook: 'own' } } as const;
  expect(matches({ id: 'own', filter }, notification)).toBe(false);
  expect(matches({ id: 'other', filter }, notification)).toBe(true);
});

import { type Dependency, isReady, readiness } from './readiness.js';

const dependency = (status: 'up' | 'down', critical = true): Dependency => ({
  name: 'd',
  status,
  critical,
  since: '2026-01-01T00:00:00.000Z',
  latency_ms: 1,
});

describe('readiness', () => {
  it.each([
    ['ready', [], 'up', true],
    ['ready', [dependency('up')], 'up', true],
    ['ready', [dependency('up'), dependency('down', false)], 'degraded', true],
    ['ready', [dependency('down'), dependency('down', false)], 'down', false],
    ['starting', [dependency('up')], 'starting', false],
    ['stopping', [dependency('up')], 'stopping', false],
  ] as const)('%s with %j is %s', (phase, dependencies, status, ready) => {
    const report = readiness(phase, dependencies);
    expect(report.status).toBe(status);
    expect(isReady(report)).toBe(ready);
  });
});

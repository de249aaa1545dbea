import { judge, type Attempt, type Standing } from './judge.js';

const now = Date.UTC(2026, 5, 10);
const day = 86_400_000;
const answered = (status: number | null, retryAfter?: string): Attempt => ({
  status,
  error: null,
  retryAfter,
  durationMs: 1,
});
const judged = (attempt: Attempt, standing: Partial<Standing> = {}) =>
  judge(
    attempt,
    { attempt: 1, firstAttemptAt: null, failingSince: null, ...standing },
    { now, retries: [1_000, 2_000], random: 0.5 },
  );

it.each([200, 201, 202, 204, 299])('takes %d as delivered', (status) => {
  expect(judged(answered(status))).toEqual({ outcome: 'delivered' });
});

it.each([null, 100, 301, 302, 307, 308, 400, 404, 429, 500, 503])('tries again after %p', (status) => {
  expect(judged(answered(status))).toEqual({ outcome: 'pending', waitMs: 1_000 });
});

it('waits as long as a busy receiver asks, and no other', () => {
  for (const status of [429, 503])
    expect(judged(answered(status, '60'))).toEqual({ outcome: 'pending', waitMs: 60_000 });
  expect(judged(answered(503, '0'))).toEqual({ outcome: 'pending', waitMs: 1_000 });
  expect(judged(answered(500, '60'))).toEqual({ outcome: 'pending', waitMs: 1_000 });
});

it('disables at once what is gone', () => {
  expect(judged(answered(410))).toEqual({ outcome: 'failed', disable: 'gone' });
});

describe('after the last attempt', () => {
  const last = { attempt: 3, firstAttemptAt: now - 3_000 };

  it('disables what has taken nothing since the first one', () => {
    const expected = { outcome: 'failed', disable: 'failing' };
    expect(judged(answered(500), { ...last, failingSince: now - 3_000 })).toEqual(expected);
    expect(judged(answered(500), { ...last, failingSince: now - day })).toEqual(expected);
  });

  it('leaves alone what has taken another message', () => {
    expect(judged(answered(500), { ...last, failingSince: now - 2_000 })).toEqual({ outcome: 'failed' });
    expect(judged(answered(500), { ...last, failingSince: null })).toEqual({ outcome: 'failed' });
  });
});

it('disables what has failed for more than five days, and keeps the message', () => {
  expect(judged(answered(500), { failingSince: now - 5 * day - 1 })).toEqual({
    outcome: 'pending',
    waitMs: 1_000,
    disable: 'failing',
  });
  expect(judged(answered(500), { failingSince: now - 5 * day })).toEqual({
    outcome: 'pending',
    waitMs: 1_000,
  });
});

import { NotFoundException } from '@nestjs/common';
import { InvalidRequest, Problem, toProblem } from './problem.js';

const place = { instance: '/v1/things/7', traceId: 'abc' };

class StalePlan extends Error {
  readonly code = 'stale-plan';
  readonly status = 409;
}

describe('toProblem', () => {
  it('keeps what a problem says', () => {
    const problem = new Problem(429, 'too-fast', 'slow down', {
      headers: { 'retry-after': '1' },
      fields: { limit: 5 },
    });
    expect(toProblem(problem, place)).toEqual({
      status: 429,
      headers: { 'retry-after': '1' },
      body: {
        type: 'urn:soma:problem:too-fast',
        title: 'Too Many Requests',
        status: 429,
        detail: 'slow down',
        instance: '/v1/things/7',
        code: 'too-fast',
        limit: 5,
        trace_id: 'abc',
      },
    });
  });

  it("maps a framework's error and a domain's own", () => {
    expect(toProblem(new NotFoundException('no such thing'), place).body).toMatchObject({
      type: 'about:blank',
      status: 404,
      detail: 'no such thing',
    });
    expect(toProblem(new StalePlan('plan again'), place).body).toMatchObject({
      status: 409,
      code: 'stale-plan',
    });
  });

  it('lists what is wrong with a request', () => {
    const errors = [{ path: 'limit', message: 'too big' }];
    expect(toProblem(new InvalidRequest(errors), place).body).toMatchObject({ status: 400, errors });
  });

  it('does not send a request back: it lists some of many errors, each cut short', () => {
    const errors = Array.from({ length: 5_000 }, () => ({
      path: 'x'.repeat(9_999),
      message: '💥'.repeat(9_999),
    }));
    const { detail, ...body } = toProblem(new InvalidRequest(errors), place).body;
    expect(detail).toMatch(/the first 100 of 5000$/);
    expect(JSON.stringify(body).length).toBeLessThan(100_000);
    expect(JSON.stringify(body)).not.toMatch(/\\ud8/);
  });

  it.each([
    new Error('password is hush'),
    Object.assign(new Error('hush'), { code: 'X', status: 200 }),
    'hush',
    undefined,
  ])('says nothing about %p but where to look', (error) => {
    const { status, body } = toProblem(error, place);
    expect(status).toBe(500);
    expect(JSON.stringify(body)).not.toContain('hush');
    expect(body['trace_id']).toBe('abc');
  });
});

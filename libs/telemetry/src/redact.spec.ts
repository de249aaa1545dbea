import fc from 'fast-check';
import { maskUrls, redact } from './redact.js';

describe('redact', () => {
  it('hides what stands under the name of a secret, at any depth', () => {
    const fields = {
      user: 'ada',
      password: 'p1',
      nested: [{ accessToken: 'p2', headers: { Authorization: 'p3' } }],
    };
    expect(redact(fields)).toEqual({
      user: 'ada',
      password: '[redacted]',
      nested: [{ accessToken: '[redacted]', headers: { Authorization: '[redacted]' } }],
    });
  });

  it('keeps numbers: a count of tokens is no secret', () => {
    expect(redact({ total_tokens: 7, token: 3, tokens: ['a'] })).toEqual({
      total_tokens: 7,
      token: 3,
      tokens: ['a'],
    });
  });

  it('makes errors plain, with their causes, and hides secrets in them', () => {
    const cause = Object.assign(new Error('at redis://u:hush@h:1/0'), { password: 'hush' });
    const shown = JSON.stringify(redact(new Error('outer', { cause })));
    expect(shown).toContain('outer');
    expect(shown).toContain('redis://u:***@h:1/0');
    expect(shown).not.toContain('hush');
  });

  it('ends on a cycle', () => {
    const loop: Record<string, unknown> = {};
    loop['self'] = loop;
    expect(JSON.stringify(redact(loop))).toContain('[deep]');
  });

  it('never shows a secret, whatever is around it', () => {
    const secret = 'S3CR3T-S3CR3T';
    const name = fc.constantFrom('password', 'dbPassword', 'TOKEN', 'clientSecret', 'Set-Cookie', 'api_key');
    const leaf = fc.record({ name, value: fc.constantFrom<unknown>(secret, [secret], { a: secret }) });
    const wrap = fc.array(fc.constantFrom('list', 'field', 'error'), { maxLength: 5 });
    fc.assert(
      fc.property(leaf, wrap, (inner, layers) => {
        const value = layers.reduce<unknown>(
          (inside, layer) =>
            layer === 'list' ? [inside] : layer === 'field' ? { inside } : new Error('x', { cause: inside }),
          { [inner.name]: inner.value },
        );
        expect(JSON.stringify(redact(value))).not.toContain(secret);
      }),
    );
  });
});

describe('maskUrls', () => {
  it.each([
    ['postgres://u:pw@h:5432/d', 'postgres://u:***@h:5432/d'],
    ['cannot reach redis://:p@ss@h/0 now', 'cannot reach redis://:***@h/0 now'],
    ['http://h/x?token=abc&y=1', 'http://h/x?token=***&y=1'],
    ['mail to ada@example.org', 'mail to ada@example.org'],
  ])('%s', (text, masked) => {
    expect(maskUrls(text)).toBe(masked);
  });
});

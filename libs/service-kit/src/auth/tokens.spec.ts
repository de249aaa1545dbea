import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { findCaller, parseTokens } from './tokens.js';

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const entry = { id: 'ada', sha256: sha256('t1'), squads: ['slm-execution'], scopes: ['feed:read'] };

describe('parseTokens', () => {
  it('reads tokens', () => {
    const parsed = parseTokens(JSON.stringify({ tokens: [entry] }));
    const caller = parsed.ok ? findCaller(parsed.tokens, 't1') : undefined;
    expect(caller).toMatchObject({ id: 'ada', squads: ['slm-execution'], scopes: ['feed:read'] });
  });

  it('names every problem at once, and shows nothing of the content', () => {
    const text = JSON.stringify({
      tokens: [
        { ...entry, sha256: 'in-the-clear' },
        { ...entry, squads: 'all' },
      ],
    });
    const parsed = parseTokens(text);
    if (parsed.ok) throw new Error('accepted');
    expect(parsed.problems).toEqual([
      expect.stringMatching(/^tokens\.0\.sha256: must be the SHA-256/),
      expect.stringMatching(/^tokens\.1\.squads: /),
    ]);
    expect(parsed.problems.join()).not.toContain('in-the-clear');
    expect(parseTokens('{')).toEqual({ ok: false, problems: ['is no JSON'] });
  });
});

it('finds the caller of a token among many, and nobody for any other text', () => {
  const tokens = ['a', 'b', 'c'].map((id) => ({ ...entry, id, sha256: sha256(`token-${id}`) }));
  const parsed = parseTokens(JSON.stringify({ tokens }));
  if (!parsed.ok) throw new Error('refused');
  expect(findCaller(parsed.tokens, 'token-c')?.id).toBe('c');
  fc.assert(
    fc.property(fc.string(), (text) => {
      expect(findCaller(parsed.tokens, text)).toBeUndefined();
    }),
  );
});

it('lets a caller read its squads, or all with *', () => {
  const tokens = [entry, { ...entry, id: 'ops', sha256: sha256('t2'), squads: ['*'] }];
  const parsed = parseTokens(JSON.stringify({ tokens }));
  if (!parsed.ok) throw new Error('refused');
  const [ada, ops] = parsed.tokens.map(({ caller }) => caller);
  expect(ada?.mayRead('slm-execution')).toBe(true);
  expect(ada?.mayRead('infra-ops')).toBe(false);
  expect(ops?.mayRead('infra-ops')).toBe(true);
});

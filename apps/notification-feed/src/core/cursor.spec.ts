import fc from 'fast-check';
import { cursorText, type FeedState, parseCursor, resume } from './cursor.js';

const position = fc.bigInt(0n, 2n ** 63n - 1n);
const epoch = fc.stringMatching(/^[0-9a-z]{8}$/);
const none = { info: 0n, warning: 0n, error: 0n, critical: 0n };
const state = (other: Partial<FeedState> = {}): FeedState => ({
  epoch: 'aaaaaaaa',
  begins: 100n,
  head: 1_000n,
  floors: none,
  ...other,
});

it('reads what it writes', () => {
  fc.assert(
    fc.property(epoch, position, (name, at) => {
      expect(parseCursor(cursorText(name, at))).toEqual({ epoch: name, position: at });
      expect(parseCursor(`${at}`)).toEqual({ position: at });
    }),
  );
});

it.each([
  '',
  'x',
  '-1',
  '1.5',
  '9223372036854775808',
  'aaaaaaaa.',
  'AAAAAAAA.1',
  'aaaaaaa.1',
  'aaaaaaaa.1\n',
  ' 1',
])('takes %j for no cursor', (text) => {
  expect(parseCursor(text)).toBeUndefined();
});

describe('resume', () => {
  it('goes on where the reader was, and tells no gap, while everything behind it is kept', () => {
    fc.assert(
      fc.property(fc.bigInt(0n, 1_000n), fc.boolean(), (at, named) => {
        const cursor = { ...(named && { epoch: 'aaaaaaaa' }), position: at };
        expect(resume(cursor, state())).toEqual({ position: at });
      }),
    );
  });

  it('tells which severities are gone, and goes on with what is left of the others', () => {
    const floors = { ...none, info: 500n, warning: 300n };
    expect(resume({ position: 200n }, state({ floors }))).toEqual({
      position: 200n,
      gap: { from: 'aaaaaaaa.200', to: 'aaaaaaaa.500', reason: 'retention', severities: ['info', 'warning'] },
    });
    expect(resume({ position: 300n }, state({ floors }))).toMatchObject({ gap: { severities: ['info'] } });
    expect(resume({ position: 500n }, state({ floors }))).toEqual({ position: 500n });
  });

  it('begins with the epoch when the cursor is of another one', () => {
    expect(resume({ epoch: 'bbbbbbbb', position: 700n }, state())).toEqual({
      position: 100n,
      gap: { from: 'bbbbbbbb.700', to: 'aaaaaaaa.100', reason: 'epoch' },
    });
  });

  it('goes on at the head when the feed has never been at that position', () => {
    expect(resume({ position: 1_001n }, state())).toEqual({
      position: 1_000n,
      gap: { from: 'aaaaaaaa.1001', to: 'aaaaaaaa.1000', reason: 'unknown-position' },
    });
  });

  it('gives whoever asks for everything what there is, without a gap', () => {
    const floors = { ...none, info: 500n };
    expect(resume({ position: 0n }, state({ floors }))).toEqual({ position: 0n });
    expect(resume({ epoch: 'aaaaaaaa', position: 0n }, state({ floors }))).toMatchObject({ gap: {} });
  });

  it('never skips a position of this epoch without a word', () => {
    const floors = fc.record({
      info: fc.bigInt(0n, 2_000n),
      warning: fc.bigInt(0n, 2_000n),
      error: fc.bigInt(0n, 2_000n),
      critical: fc.bigInt(0n, 2_000n),
    });
    fc.assert(
      fc.property(
        fc.bigInt(0n, 2_000n),
        fc.option(epoch, { nil: undefined }),
        floors,
        (at, name, dropped) => {
          const now = state({ floors: dropped, head: 1_500n });
          const { position: next, gap } = resume({ ...(name && { epoch: name }), position: at }, now);
          if (at === 0n && name === undefined) return;
          const whole = next === at && Object.values(dropped).every((floor) => floor <= at);
          expect(gap === undefined).toBe(whole && (name === undefined || name === now.epoch));
        },
      ),
    );
  });
});

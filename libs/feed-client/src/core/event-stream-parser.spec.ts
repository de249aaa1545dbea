import { createParser } from 'eventsource-parser';
import fc from 'fast-check';
import { BlockTooLong, type EventBlock, EventStreamParser } from './event-stream-parser.js';

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

const parse = (bytes: Uint8Array, cuts: readonly number[] = []): EventBlock[] => {
  const parser = new EventStreamParser();
  const places = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).toSorted((a, b) => a - b), bytes.length];
  return places.slice(1).flatMap((end, index) => parser.push(bytes.subarray(places[index], end)));
};

/** What another implementation makes of it; it does not give out blocks without data. */
const oracle = (text: string) => {
  const events: { id: string | undefined; type: string; data: string }[] = [];
  const parser = createParser({
    onEvent: ({ id, event, data }) => events.push({ id, type: event ?? 'message', data }),
  });
  parser.feed(text);
  return events;
};

const value = fc.oneof(
  fc.string(),
  fc.constantFrom('', ' ', '  two', 'a:b', '42', 'ümläut', '🦊 fox', '\u2028'),
);
const oneLine = value.map((text) => text.replace(/[\r\n]/g, ''));
const line = fc.oneof(
  { weight: 6, arbitrary: fc.tuple(fc.constantFrom('data: ', 'data:', 'id: ', 'event: ', 'retry: ', ': '), oneLine).map((parts) => parts.join('')) }, // prettier-ignore
  { weight: 1, arbitrary: fc.constantFrom('data', 'id', 'event', 'other: x', 'data : x') },
  { weight: 3, arbitrary: fc.constant('') },
);
const stream = fc
  .tuple(fc.array(fc.tuple(line, fc.constantFrom('\n', '\r\n', '\r')), { maxLength: 40 }), fc.boolean())
  .map(([lines, mark]) => `${mark ? '\uFEFF' : ''}${lines.flat().join('')}`);

describe('EventStreamParser', () => {
  it('gives the same blocks however the bytes are cut', () => {
    fc.assert(
      fc.property(stream, fc.array(fc.nat(), { maxLength: 30 }), (text, cuts) => {
        const bytes = bytesOf(text);
        expect(parse(bytes, cuts)).toEqual(parse(bytes));
      }),
      { numRuns: 500 },
    );
  });

  it('gives the same blocks byte by byte', () => {
    fc.assert(
      fc.property(stream, (text) => {
        const bytes = bytesOf(text);
        expect(parse(bytes, [...bytes.keys()])).toEqual(parse(bytes));
      }),
    );
  });

  it('gives what eventsource-parser gives', () => {
    fc.assert(
      fc.property(stream, (text) => {
        // A CR at the very end is held back there until the next byte.
        const closed = `${text}\n: end\n`;
        const events = parse(bytesOf(closed)).filter(({ data }) => data !== undefined);
        expect(events).toEqual(oracle(closed));
      }),
      { numRuns: 1_000 },
    );
  });

  it('reads what the standard shows', () => {
    expect(parse(bytesOf(': test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third event\n\n'))).toEqual([
      { id: '1', type: 'message', data: 'first event' },
      { id: '', type: 'message', data: 'second event' },
      { id: undefined, type: 'message', data: ' third event' },
    ]); // prettier-ignore
    expect(parse(bytesOf('data\n\ndata\ndata\n\ndata:'))).toMatchObject([{ data: '' }, { data: '\n' }]);
  });

  it('gives out an id without data, ignores one with NUL, and gives no heartbeat', () => {
    expect(parse(bytesOf(': heartbeat\n\nid: 7\n\nid: 8\0\n\nevent: x\n\n'))).toEqual([
      { id: '7', type: 'message', data: undefined },
    ]);
  });

  it('keeps the last retry that is a number', () => {
    const parser = new EventStreamParser();
    expect(parser.retryMs).toBeUndefined();
    parser.push(bytesOf('retry: 1500\n\nretry: soon\nretry: -1\n\n'));
    expect(parser.retryMs).toBe(1_500);
  });

  it.each([
    ['of one line', 'data: ', 'x'.repeat(1_000)],
    ['of many lines', '', `data: ${'x'.repeat(1_000)}\n`],
    ['that is no event', '', 'x'.repeat(1_000)],
  ])('refuses a block %s that never ends', (_, begin, more) => {
    const parser = new EventStreamParser();
    const bytes = bytesOf(more);
    let pushed = 0;
    const endless = () => {
      parser.push(bytesOf(begin));
      for (; pushed < 2_000; pushed += 1) parser.push(bytes);
    };
    expect(endless).toThrow(BlockTooLong);
    expect(pushed).toBeGreaterThan(1_000);
    expect(pushed).toBeLessThan(1_100);
  });

  it('takes any number of blocks that are not too long', () => {
    const parser = new EventStreamParser();
    const bytes = bytesOf(`data: ${'x'.repeat(1_000_000)}\n\n`);
    for (let block = 0; block < 5; block += 1) expect(parser.push(bytes)).toHaveLength(1);
  });
});

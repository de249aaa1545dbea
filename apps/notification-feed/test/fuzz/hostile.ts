import fc from 'fast-check';

const texts = [
  '',
  ' ',
  '\0',
  'a\0b',
  '\r\nx-injected: 1\r\n\r\n',
  '\n\ndata: {"injected":true}\n\n',
  '\u2028\u2029\u0085',
  '\ud800',
  '\\u0000',
  '\u202e\ufeff',
  '../../../../etc/passwd',
  '%00',
  '%2e%2e%2f',
  "' OR '1'='1'; DROP TABLE notification_log; --",
  '${7*7}{{7*7}}<%= 7*7 %>',
  '<script>alert(1)</script>',
  '__proto__',
  'constructor',
  'null',
  'NaN',
  '-1',
  '1e400',
  '0x10',
  '٣',
  '9223372036854775807',
  '9223372036854775808',
  'zzzzzzzz.9223372036854775807',
  '00000000-0000-0000-0000-000000000000',
  '0000-00-00T00:00:00Z',
  '0001-01-01T00:00:00Z',
  '9999-12-31T23:59:59.999999999Z',
  '2026-06-01T08:00:00+23:59',
  'http://[::1',
  'https://127.0.0.1:1/',
  'https://169.254.169.254/latest/meta-data',
  'file:///etc/passwd',
  'javascript:alert(1)',
];
const lengths = [101, 201, 256, 301, 501, 1_001, 2_001, 20_001, 100_000];
const numbers = [0, -1, 1.5, 2 ** 31, 2 ** 53, 2 ** 63, 1e21, 1e308, -1e308, 5e-324, 253_402_300_800_000];

/** Texts that have broken programs before. */
export const hostileText = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom(...texts) },
  { weight: 2, arbitrary: fc.string({ unit: 'binary', maxLength: 40 }) },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.constantFrom('x', '€', '💥', '"', '\0'), fc.constantFrom(...lengths))
      .map(([letter, length]) => letter.repeat(length)),
  },
);

const nested = (depth: number): unknown => JSON.parse(`${'['.repeat(depth)}${']'.repeat(depth)}`);

/** JSON values where nobody expects them. */
export const hostileJson: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 4, arbitrary: hostileText },
  { weight: 3, arbitrary: fc.constantFrom(...numbers) },
  { weight: 2, arbitrary: fc.constantFrom<unknown>(null, true, false, [], {}, [null], [[]], nested(500)) },
  { weight: 1, arbitrary: fc.jsonValue() },
  { weight: 1, arbitrary: fc.constantFrom(600, 5_000).map((count) => Array<string>(count).fill('*')) },
);

/** Parts of a path, as they are: what has to be encoded is encoded, or wrongly so on purpose. */
export const hostileSegment = fc.constantFrom(
  '..',
  '../..',
  '..%2f..%2fetc',
  '%2e%2e',
  '%00',
  'a%00b',
  '%',
  '%zz',
  '%ff%fe',
  '%c0%ae',
  '%0d%0ax:y',
  '',
  '%20',
  '0',
  '-1',
  'null',
  '*',
  ':id',
  ';',
  "'",
  '00000000-0000-0000-0000-000000000000',
  '123e4567e89b42d3a456426614174000',
  'x'.repeat(99),
  'x'.repeat(101),
  'x'.repeat(5_000),
);

/** Parts of a query, as they are. */
export const hostileQuery = fc.constantFrom(
  '',
  '&&&',
  '=',
  '%',
  '%zz=1',
  'squad=%ff',
  'squad=%00',
  'squad[]=infra-ops',
  'squad[a]=b',
  'limit=1&limit=2',
  'limit=',
  'limit=1e2',
  'limit=0x1f',
  'limit=-0',
  'limit=999999999999999999999',
  '__proto__=1',
  'constructor=1',
  'toString=1',
  'since=now',
  'kind=%25',
  'kind=_.*',
  `x=${'y'.repeat(6_000)}`,
);

const printable = (text: string): string => text.replaceAll(/[^\t\x20-\x7e\x80-\xff]/g, '?').slice(0, 4_000);
const headerNames = [
  'idempotency-key',
  'if-none-match',
  'last-event-id',
  'content-type',
  'content-encoding',
  'accept',
  'accept-encoding',
  'ce-specversion',
  'ce-id',
  'ce-source',
  'ce-type',
  'ce-data',
  'traceparent',
  'tracestate',
  'x-request-id',
  'x-forwarded-for',
  'x-http-method-override',
  'range',
  'if-match',
  'origin',
  'cookie',
];
const headerTexts = [
  '"a"',
  '*',
  'W/"x", "y"',
  'application/xml',
  'text/plain; charset=utf-7',
  'application/json; charset=utf-16',
  'multipart/form-data; boundary=x',
  'application/cloudevents+json',
  'application/cloudevents-batch+json',
  'application/vnd.x+json',
  '1.0',
  'gzip',
  'bytes=0-1',
  '00-00000000000000000000000000000000-0000000000000000-00',
];

/** A header that is allowed to be sent and makes no sense. */
export const hostileHeader = fc.tuple(
  fc.constantFrom(...headerNames),
  fc.oneof(fc.constantFrom(...headerTexts), hostileText.map(printable)),
);

/** Bodies that are no JSON. */
export const hostileBytes = fc.constantFrom(
  Buffer.alloc(0),
  Buffer.from('{'),
  Buffer.from('null'),
  Buffer.from('[]'),
  Buffer.from('""'),
  Buffer.from('{"a":1}{"b":2}'),
  Buffer.from('{"title":"\xff\xfe"}', 'latin1'),
  Buffer.from([0xff, 0xfe, 0x7b, 0x00, 0x7d, 0x00]),
  Buffer.from('\ufeff{}'),
  Buffer.from('{"__proto__":{"polluted":true}}'),
  Buffer.from('{"constructor":{"prototype":{"polluted":true}}}'),
  Buffer.from('{"title":1,"title":2,"title":3}'),
  Buffer.from('1e999'),
  Buffer.from('['.repeat(20_000)),
  Buffer.from(`${'['.repeat(20_000)}${']'.repeat(20_000)}`),
  Buffer.from(`[${'{},'.repeat(20_000)}{}]`),
  Buffer.alloc(1_100_000, 0x20),
);

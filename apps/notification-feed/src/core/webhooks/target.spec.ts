import { parseRange } from './address.js';
import { hostOf, judgeAddresses, parseTarget } from './target.js';

const loopback = [parseRange('127.0.0.0/8')].filter((range) => range !== undefined);

const target = (text: string): URL => {
  const parsed = parseTarget(text);
  if (!parsed.ok) throw new Error(`${text}: ${parsed.problem}`);
  return parsed.url;
};

it.each([
  ['example.com/hook', 'not-a-url'],
  ['', 'not-a-url'],
  ['http://', 'not-a-url'],
  ['http://256.1.1.1/', 'not-a-url'],
  ['ftp://example.com/', 'not-http'],
  ['file:///etc/passwd', 'not-http'],
  ['gopher://127.0.0.1:6379/_INFO', 'not-http'],
  ['javascript:alert(1)', 'not-http'],
  ['https://user@example.com/', 'credentials'],
  [['https://user', 'pass@example.com/'].join(':'), 'credentials'],
  ['https://example.com@127.0.0.1/', 'credentials'],
])('does not take %p', (text, problem) => {
  expect(parseTarget(text)).toEqual({ ok: false, problem });
});

it.each([
  'http://2130706433/',
  'http://0x7f000001/',
  'http://0x7f.1/',
  'http://017700000001/',
  'http://127.1/',
  'http://0177.0.0.1/',
  'http://127.0.0.1./',
  'http://①②⑦.0.0.1/',
])('sees that %s is 127.0.0.1', (text) => {
  expect(hostOf(target(text))).toBe('127.0.0.1');
});

it.each(['http://[::ffff:127.0.0.1]/', 'http://[::ffff:7f00:1]/', 'http://[::1]/', 'https://[fd00::1]/'])(
  'refuses the address of %s',
  (text) => {
    const url = target(text);
    expect(hostOf(url)).not.toMatch(/[[\]]/);
    expect(judgeAddresses(url, [hostOf(url)], [])).toBe('not-public');
  },
);

it('wants every address of a host to be fit, and TLS outside of what is allowed', () => {
  const https = target('https://hook.example.com/');
  const http = target('http://hook.example.com/');
  expect(judgeAddresses(https, ['1.1.1.1', '2606:4700::1111'], [])).toBeUndefined();
  expect(judgeAddresses(https, ['1.1.1.1', '127.0.0.1'], [])).toBe('not-public');
  expect(judgeAddresses(https, ['1.1.1.1', '127.0.0.1'], loopback)).toBeUndefined();
  expect(judgeAddresses(https, ['10.0.0.1', '127.0.0.1'], loopback)).toBe('not-public');
  expect(judgeAddresses(https, [], loopback)).toBe('no-address');
  expect(judgeAddresses(http, ['1.1.1.1'], loopback)).toBe('not-https');
  expect(judgeAddresses(http, ['127.0.0.1', '1.1.1.1'], loopback)).toBe('not-https');
  expect(judgeAddresses(http, ['127.0.0.1'], loopback)).toBeUndefined();
});

import { BlockList } from 'node:net';
import fc from 'fast-check';
import { judgeAddress, parseRange, type Range } from './address.js';

const ranges = (...texts: string[]): Range[] =>
  texts.map((text) => {
    const range = parseRange(text);
    if (!range) throw new Error(text);
    return range;
  });

// Written out here a second time, and checked by Node: not by the library that is under test.
const special4 = new BlockList();
for (const [network, bits] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
] as const)
  special4.addSubnet(network, bits, 'ipv4');
const alsoRefused4 = new BlockList();
for (const network of ['192.31.196.0', '192.52.193.0', '192.88.99.0', '192.175.48.0'])
  alsoRefused4.addSubnet(network, 24, 'ipv4');

const inside4 = fc.constantFrom('10.', '127.', '169.254.', '172.16.', '192.168.', '100.64.', '0.', '224.');
const octets = fc.array(fc.nat(255), { minLength: 4, maxLength: 4 });
const specialAddress = fc
  .tuple(inside4, octets)
  .map(([start, rest]) => (start + rest.join('.')).split('.').slice(0, 4).join('.'));

it('takes an IPv4 address as public exactly if no registry has reserved it', () => {
  fc.assert(
    fc.property(fc.oneof(fc.ipV4(), specialAddress), (address) => {
      const reserved = special4.check(address, 'ipv4') || alsoRefused4.check(address, 'ipv4');
      expect(judgeAddress(address, [])).toBe(reserved ? 'refused' : 'public');
    }),
    { numRuns: 2_000 },
  );
});

const hextets = (address: string): string => {
  const [a = 0, b = 0, c = 0, d = 0] = address.split('.').map(Number);
  return `${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`;
};

it('judges IPv4 within IPv6 as the address that it reaches', () => {
  fc.assert(
    fc.property(fc.oneof(fc.ipV4(), specialAddress), (address) => {
      const verdict = judgeAddress(address, []);
      expect(judgeAddress(`::ffff:${address}`, [])).toBe(verdict);
      expect(judgeAddress(`::ffff:${hextets(address)}`, [])).toBe(verdict);
      expect(judgeAddress(`0:0:0:0:0:FFFF:${hextets(address)}`, [])).toBe(verdict);
    }),
  );
});

it('refuses every way from IPv6 to an IPv4 address of the sender’s choice', () => {
  fc.assert(
    fc.property(fc.oneof(fc.ipV4(), specialAddress), (address) => {
      const embedded = hextets(address);
      for (const way of [
        `64:ff9b::${embedded}`,
        `64:ff9b:1::${embedded}`,
        `2002:${embedded}::1`,
        `2001:0:${embedded}::1`,
        `2001::${embedded}`,
        `::${embedded}`,
        `::${address}`,
        `::ffff:0:${embedded}`,
      ])
        expect([way, judgeAddress(way, [])]).toEqual([way, 'refused']);
    }),
  );
});

const groups = fc.array(fc.nat(0xffff), { minLength: 7, maxLength: 7 });

it('takes nothing but 2000::/3 of IPv6, and of that all but what is reserved', () => {
  const reserved = new BlockList();
  for (const [network, bits] of [
    ['2001::', 23],
    ['2001:db8::', 32],
    ['2002::', 16],
    ['2620:4f:8000::', 48],
    ['3fff::', 20],
  ] as const)
    reserved.addSubnet(network, bits, 'ipv6');
  const first = fc.oneof(fc.nat(0xffff), fc.constantFrom(0x2001, 0x2002, 0x2620, 0x3fff, 0x1fff, 0x4000));
  fc.assert(
    fc.property(first, groups, (start, rest) => {
      const address = [start, ...rest].map((group) => group.toString(16)).join(':');
      const open = start >= 0x2000 && start < 0x4000 && !reserved.check(address, 'ipv6');
      // All zeroes before ffff is IPv4, which has a property of its own.
      fc.pre(start !== 0);
      expect([address, judgeAddress(address, [])]).toEqual([address, open ? 'public' : 'refused']);
    }),
    { numRuns: 2_000 },
  );
});

it.each([
  '127.0.0.1',
  '169.254.169.254',
  '::',
  '::1',
  'fe80::1',
  'fe80::1%eth0',
  'fec0::1',
  'fd00::1',
  'fd00:ec2::254',
  'ff02::1',
  '100::1',
  '2001:db8::1',
  '3fff::1',
  '5f00::1',
  '255.255.255.255',
  '',
  'localhost',
  '127.0.0.1/8',
  '8.8',
  '0x08080808',
  '134744072',
  '010.8.8.8',
  ']@8.8.8.8[',
])('refuses %p', (address) => {
  expect(judgeAddress(address, [])).toBe('refused');
});

it.each(['1.1.1.1', '8.8.8.8', '172.15.255.255', '172.32.0.1', '2606:4700::1111', '2a00:1450::1'])(
  'takes %s',
  (address) => {
    expect(judgeAddress(address, [])).toBe('public');
  },
);

it('allows what the operator allows, however it is written, and nothing besides', () => {
  const allowed = ranges('127.0.0.0/8', 'fd00::/8');
  for (const address of ['127.0.0.1', '127.255.0.9', '::ffff:127.0.0.1', 'fd12::1'])
    expect(judgeAddress(address, allowed)).toBe('allowed');
  for (const address of ['10.0.0.1', '::1', 'fe80::1', '::127.0.0.1', '64:ff9b::7f00:1'])
    expect(judgeAddress(address, allowed)).toBe('refused');
  expect(judgeAddress('9.9.9.9', allowed)).toBe('public');
});

it('knows what a network is', () => {
  for (const text of ['10.0.0.0/33', '10.0.0.0', 'x/8', '', 'fd00::/129'])
    expect(parseRange(text)).toBeUndefined();
});

import ipaddr from 'ipaddr.js';

/** A network: its address and the length of its prefix. */
export type Range = readonly [ipaddr.IPv4 | ipaddr.IPv6, number];

/** Reads a network such as `10.0.0.0/8`; undefined if it is none. */
export const parseRange = (text: string): Range | undefined =>
  ipaddr.isValidCIDR(text) ? ipaddr.parseCIDR(text) : undefined;

const globalUnicast = ipaddr.parseCIDR('2000::/3');

/** The library takes `::1.2.3.4` for `::ffff:1.2.3.4`, and forms of inet_aton: it gets one form only. */
const parseAddress = (text: string): ipaddr.IPv4 | ipaddr.IPv6 | undefined => {
  if (ipaddr.IPv4.isValidFourPartDecimal(text)) return ipaddr.IPv4.parse(text);
  const hexadecimal = URL.parse(`http://[${text}]`)?.hostname.slice(1, -1);
  return hexadecimal === undefined ? undefined : ipaddr.process(hexadecimal);
};

/** What an address is to the guard: of the internet, of a range that the operator allows, or neither. */
export type AddressVerdict = 'public' | 'allowed' | 'refused';

/**
 * Judges a literal address. IPv4 within IPv6 (`::ffff:127.0.0.1`) is judged as the IPv4 that it reaches. Whatever the
 * registries reserve is refused, so are the ways around: NAT64, 6to4 and Teredo carry an IPv4 address of anybody's choice.
 */
export const judgeAddress = (text: string, allowed: readonly Range[]): AddressVerdict => {
  const address = parseAddress(text);
  if (!address) return 'refused';
  const within = ([network, bits]: Range): boolean =>
    network.kind() === address.kind() && address.match(network, bits);
  if (allowed.some(within)) return 'allowed';
  // Only 2000::/3 is given out; the library takes what nobody has named as unicast.
  const reachable = address.kind() === 'ipv4' || address.match(globalUnicast[0], globalUnicast[1]);
  return reachable && address.range() === 'unicast' ? 'public' : 'refused';
};

import { judgeAddress, type Range } from './address.js';

/** Why a URL is not asked. */
export type TargetProblem =
  'not-a-url' | 'not-http' | 'credentials' | 'no-address' | 'not-public' | 'not-https';

/** What to tell people. It says nothing of the addresses: whoever registers a webhook may not know the inside's. */
export const targetProblems: Readonly<Record<TargetProblem, string>> = {
  'not-a-url': 'an absolute URL',
  'not-http': 'a URL of https, or of http within the ranges of FEED_WEBHOOK_ALLOWED_RANGES',
  credentials: 'a URL without user and password: the signature says who sends',
  'no-address': 'a host that can be found',
  'not-public': 'a host of which every address is public, or within FEED_WEBHOOK_ALLOWED_RANGES',
  'not-https': 'https, unless every address is within FEED_WEBHOOK_ALLOWED_RANGES',
};

export type ParsedTarget =
  { readonly ok: true; readonly url: URL } | { readonly ok: false; readonly problem: TargetProblem };

/** Reads a receiver's URL. Numbers that stand for an address (`http://2130706433`) are an address from here on. */
export const parseTarget = (text: string): ParsedTarget => {
  const url = URL.parse(text);
  if (!url) return { ok: false, problem: 'not-a-url' };
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return { ok: false, problem: 'not-http' };
  if (url.username || url.password) return { ok: false, problem: 'credentials' };
  return { ok: true, url };
};

/** The host of a URL as a resolver and a socket take it: an IPv6 address without its brackets. */
export const hostOf = (url: URL): string => url.hostname.replace(/^\[(.*)\]$/, '$1');

/** Why these addresses of a URL's host may not be connected to; undefined if all of them may. */
export const judgeAddresses = (
  url: URL,
  addresses: readonly string[],
  allowed: readonly Range[],
): TargetProblem | undefined => {
  if (addresses.length === 0) return 'no-address';
  const verdicts = addresses.map((address) => judgeAddress(address, allowed));
  if (verdicts.includes('refused')) return 'not-public';
  return url.protocol === 'https:' || verdicts.every((verdict) => verdict === 'allowed')
    ? undefined
    : 'not-https';
};

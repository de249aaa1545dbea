import { lookup } from 'node:dns/promises';
import { once } from 'node:events';
import http from 'node:http';
import https from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import type { Range } from '../core/webhooks/address.js';
import { type Attempt, isSuccess } from '../core/webhooks/judge.js';
import {
  hostOf,
  judgeAddresses,
  parseTarget,
  targetProblems,
  type TargetProblem,
} from '../core/webhooks/target.js';
import type { Outgoing, Sender } from '../webhooks/ports.js';

/** Bytes of an answer that are read; its status is all that counts. */
const largestAnswer = 65_536;

/** All addresses of a host; rejects if there are none. */
export type Resolve = (host: string) => Promise<readonly string[]>;

export interface SenderOptions {
  /** Addresses besides the public ones that may be connected to, also without TLS. */
  readonly allowed: readonly Range[];
  /** Milliseconds that an attempt may take, with everything. */
  readonly timeoutMs: number;
  /** As the system does it, unless told. */
  readonly resolve?: Resolve;
}

const systemResolve: Resolve = async (host) =>
  (await lookup(host, { all: true })).map(({ address }) => address);

/** Why nothing was sent. */
class Refused extends Error {
  constructor(readonly problem: TargetProblem) {
    super(`not sent: the URL has to be ${targetProblems[problem]}`);
  }
}

/** Gives a socket the addresses that were judged: it cannot ask again and be told others. */
const pinned =
  (addresses: readonly string[]): LookupFunction =>
  (_host, { all }, callback) => {
    const found = addresses.map((address) => ({ address, family: isIP(address) }));
    const [first] = found;
    if (all) callback(null, found);
    else callback(null, first?.address ?? '', first?.family);
  };

const readSome = async (answer: http.IncomingMessage): Promise<void> => {
  let bytes = 0;
  for await (const chunk of answer) {
    bytes += (chunk as Buffer).length;
    if (bytes >= largestAnswer) return;
  }
};

/** Sends messages to receivers; connects to nothing but the addresses that were judged, and follows no redirect. */
export const createWebhookSender = ({
  allowed,
  timeoutMs,
  resolve = systemResolve,
}: SenderOptions): Sender => {
  const judged = async (text: string): Promise<{ url: URL; addresses: readonly string[] }> => {
    const target = parseTarget(text);
    if (!target.ok) throw new Refused(target.problem);
    const host = hostOf(target.url);
    const addresses = isIP(host) ? [host] : await resolve(host).catch(() => []);
    const problem = judgeAddresses(target.url, addresses, allowed);
    if (problem) throw new Refused(problem);
    return { url: target.url, addresses };
  };

  const post = async ({ url: text, headers, body }: Outgoing, signal: AbortSignal) => {
    const { url, addresses } = await judged(text);
    const { request } = url.protocol === 'https:' ? https : http;
    const sent = request(url, {
      method: 'POST',
      // A connection of its own: a kept one could be somebody else's.
      agent: false,
      lookup: pinned(addresses),
      signal,
      headers: {
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(body),
        'user-agent': 'soma-notification-feed',
        ...headers,
      },
    });
    // Also for what breaks when nobody listens any more.
    sent.on('error', () => undefined).end(body);
    try {
      const [answer] = (await once(sent, 'response', { signal })) as [http.IncomingMessage];
      // By then the receiver has decided; one that breaks off or dawdles has still answered.
      await readSome(answer).catch(() => undefined);
      return { status: answer.statusCode ?? null, retryAfter: answer.headers['retry-after'] };
    } finally {
      sent.destroy();
    }
  };

  return {
    send: async (message): Promise<Attempt> => {
      const begin = performance.now();
      const durationMs = () => Math.round(performance.now() - begin);
      const signal = AbortSignal.timeout(timeoutMs);
      // The lookup cannot be aborted: it is left behind.
      const late = once(signal, 'abort').then(() => Promise.reject(new Error('late')));
      try {
        const { status, retryAfter } = await Promise.race([post(message, signal), late]);
        const error = isSuccess(status) ? null : `answered ${status}`;
        return { status, error, retryAfter, durationMs: durationMs() };
      } catch (error) {
        return { status: null, error: reasonOf(error, signal, timeoutMs), durationMs: durationMs() };
      }
    },
    check: async (url) => {
      try {
        await judged(url);
        return undefined;
      } catch (error) {
        if (error instanceof Refused) return error.problem;
        throw error;
      }
    },
  };
};

const reasonOf = (error: unknown, signal: AbortSignal, timeoutMs: number): string => {
  if (signal.aborted) return `no answer within ${timeoutMs} ms`;
  if (error instanceof Refused) return error.message;
  const { code, message } = error as NodeJS.ErrnoException;
  return (code ?? message).slice(0, 200);
};

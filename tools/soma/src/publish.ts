import { CommandFailure } from './exit.js';

/** A notification for `POST /v1/notifications`; the feed says what is wrong with it. */
export type Publication = Readonly<Record<string, unknown>>;

/** Where a notification is in the feed, and whether it was not there before. */
export interface Published {
  readonly position: string;
  readonly new: boolean;
}

/** What the feed takes in one request: so many, and so many bytes, with room for what is around them. */
const most = { items: 500, bytes: 1_000_000 } as const;

/** Requests that each hold as much as the feed takes, in the given order. */
export const requestsOf = (publications: readonly Publication[]): Publication[][] => {
  const requests: Publication[][] = [];
  let bytes = Infinity;
  for (const publication of publications) {
    const size = Buffer.byteLength(JSON.stringify(publication)) + 1;
    const request = requests.at(-1);
    if (request && request.length < most.items && bytes + size <= most.bytes) {
      request.push(publication);
      bytes += size;
    } else {
      requests.push([publication]);
      bytes = size;
    }
  }
  return requests;
};

interface Refusal {
  readonly detail?: string;
  readonly errors?: readonly { readonly path: string; readonly message: string }[];
}

const refused = (status: number, { detail = '', errors = [] }: Refusal): CommandFailure => {
  const lines = errors.map(({ path, message }) => `\n  ${path}: ${message}`);
  return new CommandFailure(`the feed answered ${status}: ${detail}${lines.join('')}`);
};

/**
 * Stores notifications in the feed, in their order.
 *
 * @throws CommandFailure if the feed refuses one, with all of its reasons, or does not answer. Those of earlier requests
 * are stored by then: keys make a repeat harmless.
 */
export const publish = async (
  { url, token }: { readonly url: string; readonly token: string },
  publications: readonly Publication[],
): Promise<Published[]> => {
  const published: Published[] = [];
  for (const request of requestsOf(publications)) {
    const response = await fetch(new URL('/v1/notifications', url), {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify(request),
    }).catch((error: Error) => {
      const { cause = error } = error as { cause?: Error };
      throw new CommandFailure(`the feed at ${url} does not answer: ${cause.message}`);
    });
    const body = (await response.json().catch(() => ({}))) as Refusal & {
      notifications?: readonly Published[];
    };
    if (!response.ok || !body.notifications) throw refused(response.status, body);
    published.push(...body.notifications);
  }
  return published;
};

import { createFeedClient, FeedError, type NewNotification, type Placement } from '@soma/feed-client';
import { CommandFailure } from './exit.js';

/** A notification for `POST /v1/notifications`; the feed says what is wrong with it. */
export type Publication = Readonly<Record<string, unknown>>;

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

/**
 * Stores notifications in the feed, in their order.
 *
 * @throws CommandFailure if the feed refuses one, with all of its reasons, or does not answer. Those of earlier requests
 * are stored by then: keys make a repeat harmless.
 */
export const publish = async (
  address: { readonly url: string; readonly token: string },
  publications: readonly Publication[],
): Promise<Placement[]> => {
  const feed = createFeedClient(address);
  const published: Placement[] = [];
  try {
    for (const request of requestsOf(publications))
      published.push(...(await feed.publish(request as unknown as NewNotification[])));
  } catch (error) {
    if (!(error instanceof FeedError)) throw error;
    const fields = error.errors.map(({ path, message }) => `\n  ${path}: ${message}`);
    throw new CommandFailure(`${error.message}${fields.join('')}`);
  }
  return published;
};

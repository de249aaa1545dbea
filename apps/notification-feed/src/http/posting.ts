import { InvalidRequest, Problem } from '@soma/service-kit';
import { z } from 'zod';
import {
  cloudEvent,
  type CloudEventNotification,
  contentMode,
  fromBinary,
  fromCloudEvent,
  type Headers,
} from '../core/cloudevent.js';
import { originOf } from '../core/origin.js';
import { type PostedNotification, postedNotification, postedOrigin } from '../core/posted.js';

const largestBatch = 500;

interface Item {
  readonly posted: PostedNotification;
  /** The CloudEvent that it came in. */
  readonly event?: CloudEventNotification;
}

const batch = <S extends z.ZodType>(item: S) =>
  z.array(item, 'a list').max(largestBatch, `at most ${largestBatch} at once`);
const list = batch(postedNotification).min(1, 'at least one notification');

const ofPosted = (posted: PostedNotification): Item => ({ posted });
const ofEvent = (event: CloudEventNotification): Item => ({ posted: fromCloudEvent(event), event });

const bodies = {
  one: postedNotification.transform((posted) => [ofPosted(posted)]),
  list: list.transform((all) => all.map(ofPosted)),
  envelope: z
    .strictObject({ notifications: list })
    .transform(({ notifications }) => notifications.map(ofPosted)),
  event: cloudEvent.transform((event) => [ofEvent(event)]),
  events: batch(cloudEvent).transform((events) => events.map(ofEvent)),
};

/** A string of RFC 9651, as the IETF draft has it, or the same without its quotes. */
const idempotencyKey = z
  .string()
  .regex(
    /^(?:"[\x20\x21\x23-\x5b\x5d-\x7e]{1,255}"|[\x21\x23-\x7e]{1,255})$/,
    '1 to 255 visible ASCII characters',
  )
  .transform((key) => key.replace(/^"(.*)"$/, '$1'))
  .optional();

/** What `POST /v1/notifications` takes, for clients; which of it a body has to be is read from the headers. */
export const postedBody = z.union([
  postedNotification,
  list,
  z.strictObject({ notifications: list }),
  cloudEvent,
  batch(cloudEvent),
]);

export const postedBodyTypes = [
  'application/json',
  'application/cloudevents+json',
  'application/cloudevents-batch+json',
] as const;

export const postedHeaders = z.object({ 'idempotency-key': idempotencyKey });

/** What a request wants to have stored. */
export interface Posting {
  /** The request's `Idempotency-Key`. */
  readonly key: string | undefined;
  readonly items: readonly { readonly posted: PostedNotification; readonly origin: string }[];
}

/**
 * Reads `POST /v1/notifications`; `newId` makes an id for what has no key.
 *
 * @throws InvalidRequest (400) with every error of headers and body, or a Problem (415).
 */
export const readPosting = (
  headers: Headers,
  body: unknown,
  { caller, newId }: { readonly caller: string; readonly newId: () => string },
): Posting => {
  const key = idempotencyKey.safeParse(headers['idempotency-key']);
  const read = parseBody(headers, body);
  if (!key.success || !read.success) {
    const errors = (issues: readonly z.core.$ZodIssue[] = [], ...place: readonly string[]) =>
      issues.map(({ path, message }) => ({ path: [...place, ...path].join('.'), message }));
    throw new InvalidRequest([
      ...errors(key.error?.issues, 'idempotency-key'),
      ...errors(read.error?.issues),
    ]);
  }
  const origins = { caller, requestKey: key.data, newId };
  return {
    key: key.data,
    items: read.data.map(({ posted, event }, index) => ({
      posted,
      origin: event
        ? originOf('cloudevents', caller, event.source, event.id)
        : postedOrigin(posted, index, origins),
    })),
  };
};

const parseBody = (headers: Headers, body: unknown): z.ZodSafeParseResult<Item[]> => {
  switch (contentMode(headers)) {
    case 'plain':
      if (Array.isArray(body)) return bodies.list.safeParse(body);
      return typeof body === 'object' && body !== null && 'notifications' in body
        ? bodies.envelope.safeParse(body)
        : bodies.one.safeParse(body);
    case 'batch':
      return bodies.events.safeParse(body);
    case 'structured':
      return bodies.event.safeParse(body);
    case 'binary':
      return bodies.event.safeParse(fromBinary(headers, body));
    case undefined:
      throw new Problem(
        415,
        'unsupported-media-type',
        'send application/json, application/cloudevents+json or application/cloudevents-batch+json',
      );
  }
};

import { BlockTooLong, type EventBlock, type EventStreamParser } from './core/event-stream-parser.js';
import { FeedError } from './errors.js';
import type { Lifeline } from './lifeline.js';
import type { FeedRequest, Send } from './request.js';

export interface ConnectionOptions {
  readonly request: FeedRequest;
  readonly parser: EventStreamParser;
  readonly lifeline: Lifeline;
}

/**
 * One connection to a stream, block by block, until the server ends it. It reads on when it is asked for more and not
 * before: a slow consumer holds up the sender and fills no memory.
 *
 * @throws FeedError, which says whether another attempt is worth it.
 */
export async function* connection(
  send: Send,
  { request, parser, lifeline }: ConnectionOptions,
): AsyncGenerator<EventBlock> {
  const { body, headers } = await lifeline.within(send({ ...request, signal: lifeline.signal }));
  if (!body || !/^text\/event-stream\b/i.test(headers.get('content-type') ?? ''))
    throw new FeedError('no-event-stream', 'what answers at this address is no event stream');
  const reader = body.getReader() as ReadableStreamDefaultReader<Uint8Array>;
  for (;;) {
    const { done, value } = await lifeline.within(reader.read());
    if (done) return;
    yield* blocksOf(parser, value);
  }
}

const blocksOf = (parser: EventStreamParser, bytes: Uint8Array): readonly EventBlock[] => {
  try {
    return parser.push(bytes);
  } catch (error) {
    if (!(error instanceof BlockTooLong)) throw error;
    throw new FeedError('event-too-long', error.message, { cause: error });
  }
};

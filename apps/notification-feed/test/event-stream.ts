import { createParser } from 'eventsource-parser';

/** One message of the stream, its data parsed. */
export interface StreamMessage {
  readonly id: string | undefined;
  readonly event: string | undefined;
  readonly data: { readonly position: string; readonly event: { readonly topic: string } | null };
}

/** An open stream and what has come through it so far. */
export interface EventStream {
  readonly messages: readonly StreamMessage[];
  /** Resolves to true when the server has ended it in good order, and to false when it broke. */
  readonly ended: Promise<boolean>;
  close(): void;
}

/** Opens an event stream; throws unless the answer is 200. */
export const openEventStream = async (
  url: string,
  { token, lastEventId }: { readonly token: string; readonly lastEventId?: string | undefined },
): Promise<EventStream> => {
  const abort = new AbortController();
  const headers = {
    authorization: `Bearer ${token}`,
    ...(lastEventId !== undefined && { 'last-event-id': lastEventId }),
  };
  const response = await fetch(url, { headers, signal: abort.signal });
  if (response.status !== 200 || !response.body) throw new Error(`${url} answered ${response.status}`);
  const messages: StreamMessage[] = [];
  const parser = createParser({
    onEvent: ({ id, event, data }) =>
      messages.push({ id, event, data: JSON.parse(data) as StreamMessage['data'] }),
  });
  const read = async (body: AsyncIterable<Uint8Array>): Promise<void> => {
    const decoder = new TextDecoder();
    for await (const chunk of body) parser.feed(decoder.decode(chunk, { stream: true }));
  };
  const ended = read(response.body as AsyncIterable<Uint8Array>).then(
    () => true,
    () => false,
  );
  return { messages, ended, close: () => abort.abort() };
};

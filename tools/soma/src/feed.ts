import { createParser } from 'eventsource-parser';
import { CommandFailure } from './exit.js';

/** A notification as `GET /v1/stream` sends it. */
export interface FeedNotification {
  readonly position: string;
  readonly squads: readonly string[];
  readonly source: string;
  readonly kind: string;
  readonly severity: string;
  readonly title: string;
  readonly body: string;
  readonly happened_at: string;
  readonly stored_at: string;
  readonly origin: string;
  /** Kafka coordinate; null for what came another way. */
  readonly event: { readonly topic: string; readonly partition: number; readonly offset: string } | null;
}

export interface TailOptions {
  readonly url: string;
  readonly token: string;
  readonly squad: string;
  /** Cursor to start behind; the end of the feed if left out. */
  readonly since?: string;
  readonly signal: AbortSignal;
}

const reconnectMs = 1_000;

/** A squad's feed, live and without end: it reconnects behind the last notification it gave out. */
export async function* tailFeed({
  url,
  token,
  squad,
  since,
  signal,
}: TailOptions): AsyncGenerator<FeedNotification> {
  let cursor = since;
  while (!signal.aborted) {
    try {
      const address = new URL('/v1/stream', url);
      address.searchParams.set('squad', squad);
      const headers = {
        authorization: `Bearer ${token}`,
        ...(cursor !== undefined && { 'last-event-id': cursor }),
      };
      const response = await fetch(address, { headers, signal });
      if (!response.ok || !response.body) throw await refusal(response);
      const received: FeedNotification[] = [];
      const parser = createParser({
        onEvent: ({ event, data }) => {
          if (event === 'notification') received.push(JSON.parse(data) as FeedNotification);
        },
      });
      const decoder = new TextDecoder();
      for await (const chunk of response.body as AsyncIterable<Uint8Array>) {
        parser.feed(decoder.decode(chunk, { stream: true }));
        for (const notification of received.splice(0)) {
          cursor = notification.position;
          yield notification;
        }
      }
    } catch (error) {
      if (signal.aborted) return;
      if (error instanceof CommandFailure) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, reconnectMs));
  }
}

/** The newest position of a squad's feed; "0" when it is empty. */
export const feedHead = async ({
  url,
  token,
  squad,
}: Pick<TailOptions, 'url' | 'token' | 'squad'>): Promise<string> => {
  const address = new URL('/v1/notifications', url);
  address.search = new URLSearchParams({ squad, limit: '1' }).toString();
  const response = await fetch(address, { headers: { authorization: `Bearer ${token}` } });
  if (!response.ok) throw await refusal(response);
  const { notifications } = (await response.json()) as { notifications: readonly FeedNotification[] };
  return notifications[0]?.position ?? '0';
};

/** A refusal that another try would only repeat; everything else is worth one. */
const refusal = async (response: Response): Promise<Error> => {
  const body = (await response.json().catch(() => undefined)) as { detail?: string } | undefined;
  const message = `the feed answered ${response.status}: ${body?.detail ?? response.statusText}`;
  return response.status >= 500 ? new Error(message) : new CommandFailure(message);
};

/** One line for a person. */
export const feedLine = (notification: FeedNotification): string => {
  const { happened_at, severity, kind, title, source, event } = notification;
  const from = event ? `${event.topic}[${event.partition}]@${event.offset}` : source;
  return `${happened_at}  ${severity.padEnd(8)}  ${kind.padEnd(18)}  ${title}  (${from})`;
};

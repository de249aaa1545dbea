/** One message of a server-sent event stream (WHATWG HTML, "Server-sent events"). */
export interface SseMessage {
  readonly id: string;
  readonly event: string;
  /** JSON: it has no raw line break, so one data line always holds it. */
  readonly json: string;
}

/** The bytes of a message. */
export const sseMessage = ({ id, event, json }: SseMessage): string =>
  `id: ${id}\nevent: ${event}\ndata: ${json}\n\n`;

/** A line that clients ignore and that keeps proxies from closing an idle stream. */
export const sseHeartbeat = ': heartbeat\n\n';

/** No message, but a cursor: clients keep it as that of the last message, and a quiet feed does not look like a gap. */
export const sseCursor = (id: string): string => `id: ${id}\n\n`;

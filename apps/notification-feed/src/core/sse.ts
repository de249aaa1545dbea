/** One message of a server-sent event stream (WHATWG HTML, "Server-sent events"). */
export interface SseMessage {
  readonly id: string;
  readonly event: string;
  readonly data: unknown;
}

/** The bytes of a message. JSON has no raw line break, so one data line always holds it. */
export const sseMessage = ({ id, event, data }: SseMessage): string =>
  `id: ${id}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`;

/** A line that clients ignore and that keeps proxies from closing an idle stream. */
export const sseHeartbeat = ': heartbeat\n\n';

import { WebSocket } from 'ws';
import { happenedIn, type Told, type Transport } from './visit.js';

const row = '{"type":"notification","cursor":"';
const position = '","notification":{"position":"';
/** Rows after which, and milliseconds after which, a named consumer acknowledges. */
const ackEvery = 100;
const ackMs = 1_000;

/** Tells a message; answers the cursor if it was a row. */
const tell = (text: string, told: Told): string | undefined => {
  if (!text.startsWith(row)) {
    const message = JSON.parse(text) as { type: string; cursor: string; from: string; to: string };
    if (message.type === 'gap') told.gap(message.from, message.to);
    else told.cursor(message.cursor);
    return undefined;
  }
  const end = text.indexOf('"', row.length);
  const cursor = text.slice(row.length, end);
  const begin = end + position.length;
  if (told.row(cursor, Number(text.slice(begin, text.indexOf('"', begin))))) told.happened(happenedIn(text));
  return cursor;
};

/** A WebSocket: behind its own cursor, or as a named consumer that acknowledges now and then. */
export const webSocket: Transport = ({ url, squad, token, cursor, consumer, signal, told }) =>
  new Promise((resolve, reject) => {
    const place = consumer === undefined ? `after=${cursor}` : `consumer=${consumer}`;
    const socket = new WebSocket(`${url.replace(/^http/, 'ws')}/v1/ws?squad=${squad}&${place}`, {
      headers: { authorization: `Bearer ${token}` },
      perMessageDeflate: false,
    });
    let [last, unacknowledged] = ['', 0];
    const acknowledge = (): void => {
      if (unacknowledged === 0 || socket.readyState !== WebSocket.OPEN) return;
      unacknowledged = 0;
      // First: it may have arrived, whatever becomes of the connection.
      told.acknowledged(last);
      socket.send(JSON.stringify({ type: 'ack', cursor: last }));
    };
    const timer = consumer === undefined ? undefined : setInterval(acknowledge, ackMs);
    signal.addEventListener('abort', () => socket.terminate(), { once: true });
    socket.on('open', () => told.opened());
    socket.on('message', (data: Buffer) => {
      const seen = tell(data.toString('latin1'), told);
      if (seen === undefined || consumer === undefined) return;
      last = seen;
      unacknowledged += 1;
      if (unacknowledged >= ackEvery) acknowledge();
    });
    socket.on('error', reject);
    socket.on('close', () => {
      clearInterval(timer);
      resolve();
    });
  });

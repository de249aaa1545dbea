import { get } from 'node:http';
import { happenedIn, type Told, type Transport } from './visit.js';

const idField = 'id: ';
const row = 'event: notification\ndata: {"position":"';
const gap = 'event: gap\ndata: ';

/** Tells the blocks of a text that are whole, and answers the rest. Only what has to be known is parsed. */
const tell = (text: string, told: Told): string => {
  let at = 0;
  for (let end = text.indexOf('\n\n'); end !== -1; end = text.indexOf('\n\n', at)) {
    if (text.startsWith(idField, at)) block(text, { at, end }, told);
    at = end + 2;
  }
  return text.slice(at);
};

const block = (text: string, { at, end }: { at: number; end: number }, told: Told): void => {
  const line = Math.min(text.indexOf('\n', at), end);
  const cursor = text.slice(at + idField.length, line);
  const next = line + 1;
  if (line === end) return told.cursor(cursor);
  if (text.startsWith(row, next)) {
    const begin = next + row.length;
    const position = Number(text.slice(begin, text.indexOf('"', begin)));
    if (told.row(cursor, position)) told.happened(happenedIn(text, begin));
  } else if (text.startsWith(gap, next)) {
    const { from, to } = JSON.parse(text.slice(next + gap.length, end)) as { from: string; to: string };
    told.gap(from, to);
  }
};

/** Server-sent events, with `Last-Event-ID`. */
export const serverSentEvents: Transport = ({ url, squad, token, cursor, signal, told }) =>
  new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${token}`, 'last-event-id': cursor };
    const request = get(`${url}/v1/stream?squad=${squad}`, { agent: false, signal, headers }, (response) => {
      if (response.statusCode !== 200) {
        response.resume();
        return reject(new Error(`HTTP ${response.statusCode}`));
      }
      told.opened();
      let rest = '';
      // What is looked at is ASCII.
      response.setEncoding('latin1');
      response.on('data', (chunk: string) => (rest = tell(rest + chunk, told)));
      response.on('error', reject);
      response.on('close', resolve);
    });
    request.on('error', reject);
  });

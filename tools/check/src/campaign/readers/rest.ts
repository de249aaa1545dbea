import { once } from 'node:events';
import { Agent, get, type IncomingMessage } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Transport } from './visit.js';

const pollMs = 1_000;
const limit = 500;
const agent = new Agent({ keepAlive: true });

interface Page {
  readonly notifications: readonly { readonly position: string; readonly happened_at: string }[];
  readonly cursor: string;
  readonly gap?: { readonly from: string; readonly to: string };
}

const textOf = async (response: IncomingMessage): Promise<string> => {
  let text = '';
  for await (const chunk of response.setEncoding('utf8')) text += chunk as string;
  return text;
};

/** Pages behind the cursor, one a second; `If-None-Match` while the question stays the same. */
export const pages: Transport = async ({ url, squad, token, cursor: begin, signal, told }) => {
  let cursor = begin;
  let known: { path: string; tag: string } | undefined;
  for (let opened = false; ; opened = true) {
    const path = `/v1/notifications?squad=${squad}&limit=${limit}&after=${cursor}`;
    const headers = {
      authorization: `Bearer ${token}`,
      ...(known?.path === path && { 'if-none-match': known.tag }),
    };
    const [response] = (await once(get(url + path, { agent, signal, headers }), 'response')) as [
      IncomingMessage,
    ];
    const text = await textOf(response);
    const { statusCode } = response;
    if (statusCode !== 200 && statusCode !== 304) throw new Error(`HTTP ${statusCode}`);
    if (!opened) told.opened();
    let full = false;
    if (statusCode === 200) {
      const page = JSON.parse(text) as Page;
      if (page.gap) told.gap(page.gap.from, page.gap.to);
      const epoch = page.cursor.slice(0, page.cursor.indexOf('.'));
      for (const { position, happened_at } of page.notifications)
        if (told.row(`${epoch}.${position}`, Number(position))) told.happened(happened_at);
      cursor = page.cursor;
      known = { path, tag: response.headers.etag ?? '' };
      full = page.notifications.length === limit;
    }
    told.cursor(cursor);
    if (!full) await sleep(pollMs * (0.5 + Math.random()), undefined, { signal });
  }
};

import { setTimeout as sleep } from 'node:timers/promises';
import { createFeedClient, memoryCursorStore } from '@soma/feed-client';
import { createClient } from '@soma/kafka';
import { httpJson } from '@soma/testing';
import WebSocket from 'ws';
import { feedTopics } from '../src/core/rules/feed-topics.js';
import type { FeedSite } from './feed-service.js';
import { logger } from './test-store.js';

/** The squad whose feed is looked at. */
export const squad = 'infra-ops';
const at = Date.UTC(2026, 5, 1);
/** Leaves the machine to those who are tested. */
const pauseMs = 20;

const change = (site: FeedSite, version: number) =>
  site.producer.send('settings.changed', { tenant: `acme-${version % 50}`, version, hash: 'c41d', at });

/** Produces events until it is told to stop. */
export const produce = (site: FeedSite) => {
  const places: string[] = [];
  let stopped = false;
  const done = (async () => {
    for (let next = 0; !stopped; next += 10) {
      const sent = await Promise.all(Array.from({ length: 10 }, (_, index) => change(site, next + index)));
      places.push(...sent.map(({ partition, offset }) => `${partition}/${offset}`));
      await sleep(pauseMs);
    }
  })();
  return {
    places,
    stop: () => {
      stopped = true;
      return done;
    },
  };
};

/** Posts until it is told to stop, each request again and again until it is acknowledged. */
export const post = (site: FeedSite, url: string) => {
  const titles: string[] = [];
  let stopped = false;
  const send = async (title: string): Promise<boolean> => {
    const answer = await httpJson(`${url}/v1/notifications`, {
      token: site.token('operator'),
      headers: { 'idempotency-key': title },
      body: { squads: [squad], kind: 'drill.finished', title },
    }).catch(() => undefined);
    if (answer && answer.status !== 201 && answer.status < 500)
      throw new Error(`a post was answered with ${answer.status}: ${JSON.stringify(answer.body)}`);
    return answer?.status === 201;
  };
  const done = (async () => {
    for (let next = 0; !stopped; next += 1) {
      const title = `post-${next}`;
      while (!(await send(title))) await sleep(pauseMs);
      titles.push(title);
      await sleep(pauseMs);
    }
  })();
  return {
    titles,
    stop: () => {
      stopped = true;
      return done;
    },
  };
};

/** A reader, what it has got, and how often it had to connect. */
export interface Reading {
  readonly positions: string[];
  connections(): number;
}

/** Reads with the client library until the signal. */
export const subscribe = (site: FeedSite, url: string, ending: AbortSignal): Reading => {
  const positions: string[] = [];
  let connections = 0;
  const client = createFeedClient({
    url,
    token: site.token('operator'),
    fetch: (input, init) => {
      connections += 1;
      return fetch(input, init);
    },
  });
  void (async () => {
    const items = client.subscribe({
      squad,
      cursor: memoryCursorStore(),
      from: 'start',
      signal: ending,
    });
    for await (const { notification } of items) positions.push(notification.position);
  })();
  return { positions, connections: () => connections };
};

/** Keeps its cursor itself, as a client does that has no library. */
export const listen = (site: FeedSite, url: string, ending: AbortSignal): Reading => {
  const positions: string[] = [];
  let connections = 0;
  let cursor = '0';
  const connect = async (): Promise<void> => {
    const socket = new WebSocket(`${url.replace('http', 'ws')}/v1/ws?squad=${squad}&after=${cursor}`, {
      headers: { authorization: `Bearer ${site.token('operator')}` },
    });
    connections += 1;
    socket.on('error', () => undefined);
    const leave = (): void => socket.terminate();
    ending.addEventListener('abort', leave);
    socket.on('message', (data: Buffer) => {
      const message = JSON.parse(data.toString()) as {
        type: string;
        cursor: string;
        notification: { position: string };
      };
      if (message.type === 'gap') positions.push('gap');
      else cursor = message.cursor;
      if (message.type === 'notification') positions.push(message.notification.position);
    });
    // Not `once`: it rejects with the error that comes before.
    await new Promise((resolve) => socket.on('close', resolve));
    ending.removeEventListener('abort', leave);
  };
  void (async () => {
    while (!ending.aborted) {
      await connect();
      await sleep(pauseMs);
    }
  })();
  return { positions, connections: () => connections };
};

/** Number of records that were put to dead-letter topics. */
export const deadLetters = async (site: FeedSite): Promise<number> => {
  const admin = createClient(site.settings, { clientId: 'dead-letters', logger }).admin();
  await admin.connect();
  try {
    const topics = feedTopics.map((topic) =>
      admin.fetchTopicOffsets(`${site.settings.topicPrefix}${topic}.dlq`),
    );
    return (await Promise.all(topics)).flat().reduce((sum, { high }) => sum + Number(high), 0);
  } finally {
    await admin.disconnect();
  }
};

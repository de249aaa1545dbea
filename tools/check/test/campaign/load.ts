import { setTimeout as sleep } from 'node:timers/promises';
import { squads } from '@soma/contracts';
import { httpJson } from '@soma/testing';
import type { Site } from './site.js';

/** Longer than any of the faults lasts. */
const deadlineMs = 120_000;
const postEveryMs = 2_000;
const postTimeoutMs = 5_000;
const severities = ['info', 'info', 'info', 'warning', 'error', 'critical'] as const;

const anyOf = <T>(list: readonly T[]): T => list[Math.floor(Math.random() * list.length)] as T;

/** Mostly one squad; one in twenty concerns two, one in fifty all of them. */
const addressees = (): string[] => {
  const lot = Math.random();
  if (lot < 0.02) return [];
  if (lot < 0.07) return [...new Set([anyOf(squads), anyOf(squads)])];
  return [anyOf(squads)];
};

/** What happens meanwhile: events of services through Kafka, and posts. */
export class Load {
  /** Coordinate of each event that was acknowledged, by its key. */
  readonly acknowledged = new Map<string, string>();
  /** Position of each notification that was posted, by its key. */
  readonly posted = new Map<string, string>();
  readonly failed: string[] = [];
  /** Events that were handed to the producer. */
  sent = 0;
  #running = true;
  #givenUp = false;

  constructor(private readonly site: Site) {}

  /** Ends it; what has begun is brought to its end. */
  stop(): void {
    this.#running = false;
  }

  /** Ends it at once: the test has failed. */
  giveUp(): void {
    this.#running = false;
    this.#givenUp = true;
  }

  /** Sends events at a rate, until it is stopped and all are acknowledged. */
  async produce(perSecond: number): Promise<void> {
    const began = performance.now();
    const sends: Promise<void>[] = [];
    for (; this.#running; this.sent += 1) {
      sends.push(this.#send(`event/${this.sent}`));
      const ahead = began + (this.sent * 1_000) / perSecond - performance.now();
      if (ahead > 5) await sleep(ahead);
    }
    await Promise.all(sends);
  }

  /** Posts now and then, to either replica, each until it is answered. */
  async post(): Promise<void> {
    for (let number = 0; this.#running; number += 1) {
      const key = `post/${number}`;
      const body = {
        squads: [anyOf(squads)],
        kind: 'campaign.post',
        title: `Posted ${number}`,
        dedupe_key: key,
      };
      while (!this.posted.has(key) && !this.#givenUp) {
        const position = await this.#post(key, body).catch(() => undefined);
        if (position === undefined) await sleep(200);
        else this.posted.set(key, position);
      }
      await sleep(postEveryMs);
    }
  }

  async #send(key: string): Promise<void> {
    const event = {
      squads: addressees(),
      source: 'campaign',
      kind: 'campaign.event',
      severity: anyOf(severities),
      title: `Event ${key} of the campaign`,
      link: null,
      dedupe_key: key,
      at: Date.now(),
    };
    await this.site.producer.send('infra.notifications', event, { id: key, deadlineMs }).then(
      ({ partition, offset }) => void this.acknowledged.set(key, `${partition}/${offset}`),
      (error: unknown) => void this.failed.push(`${key}: ${(error as Error).message}`),
    );
  }

  async #post(key: string, body: object): Promise<string | undefined> {
    const signal = AbortSignal.timeout(postTimeoutMs);
    const { status, body: answer } = await Promise.race([
      httpJson(`${anyOf(this.site.urls())}/v1/notifications`, {
        body,
        token: this.site.writer,
        headers: { 'idempotency-key': key },
      }),
      new Promise<never>((_, reject) =>
        signal.addEventListener('abort', () => reject(new Error('no answer'))),
      ),
    ]);
    if (status !== 201) return undefined;
    return (answer as { notifications: { position: string }[] }).notifications[0]?.position;
  }
}

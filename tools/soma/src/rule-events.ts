import { eventKey, type EventInput } from '@soma/contracts';
import { DoesNotFit, feedTopics, isFeedTopic, type RuleEvent, topicCel } from '@soma/notification-feed';
import { z } from 'zod';

const line = z.strictObject({
  topic: z.string().refine(isFeedTopic, { error: `allowed: ${feedTopics.join(', ')}` }),
  key: z.string().nullable().optional(),
  value: z.record(z.string(), z.unknown(), { error: 'allowed: the event as a JSON object' }),
  at: z.iso.datetime({ offset: true, error: 'allowed: a time such as 2026-06-01T08:00:00Z' }).optional(),
  headers: z.record(z.string(), z.string(), { error: 'allowed: a mapping of texts' }).default({}),
});

/** An event of a file, and the line it stands in. */
export interface EventLine {
  readonly line: number;
  readonly event: RuleEvent;
}

export interface EventLines {
  readonly events: readonly EventLine[];
  /** One text each, with file, line and field. */
  readonly problems: readonly string[];
}

type Read = { readonly event: RuleEvent } | { readonly problems: readonly string[] };

const readLine = (text: string, offset: number, before: number): Read => {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    return { problems: [`— no JSON: ${(error as Error).message}`] };
  }
  const parsed = line.safeParse(json);
  if (!parsed.success)
    return {
      problems: parsed.error.issues.map(({ path, message }) => `${path.join('.')} — ${message}`.trim()),
    };
  const { key, value, at, headers } = parsed.data;
  const topic = parsed.data.topic;
  try {
    topicCel[topic].event.read(value, 'value');
  } catch (error) {
    if (error instanceof DoesNotFit) return { problems: [error.message] };
    throw error;
  }
  const stated = typeof value['at'] === 'number' ? value['at'] : before;
  return {
    event: {
      topic,
      coordinate: { topic, partition: 0, offset: `${offset}` },
      key: key === undefined ? eventKey(topic, value as unknown as EventInput<typeof topic>) : key,
      headers,
      source: headers['ce_source']?.split('/').at(-1) ?? 'unknown',
      at: at === undefined ? stated : Date.parse(at),
      value,
    },
  };
};

/**
 * Events of a file, one JSON object a line. Without `at` an event is as old as it says itself, or as the one before it; its
 * offset is its line.
 */
export const readEventLines = (file: string, text: string): EventLines => {
  const events: EventLine[] = [];
  const problems: string[] = [];
  text.split('\n').forEach((content, index) => {
    if (content.trim() === '') return;
    const read = readLine(content, index, events.at(-1)?.event.at ?? 0);
    if ('event' in read) events.push({ line: index + 1, event: read.event });
    else problems.push(...read.problems.map((problem) => `${file}:${index + 1} ${problem}`));
  });
  return { events, problems };
};

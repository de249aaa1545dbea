import { type EventInput, topics } from '@soma/contracts';
import type { KnownDrift } from './drift.js';
import type { Change, ChangeClass, PlanPart } from './types.js';

/** Where drift is told. */
export const channel = 'infra.notifications';

type Notification = EventInput<typeof channel>;

/** Something about a drift that was not told yet. */
export interface Untold extends KnownDrift {
  /** Whether it has begun or is over. */
  readonly news: 'appeared' | 'resolved';
  /** When, in epoch milliseconds. */
  readonly at: number;
}

const things: Readonly<Record<PlanPart, string>> = {
  topics: 'Topic',
  schemas: 'Subject',
  acls: 'Right',
  quotas: 'Quota of',
};

const severities: Readonly<Record<ChangeClass, Notification['severity']>> = {
  create: 'info',
  safe: 'info',
  unsafe: 'warning',
  unknown: 'warning',
  unsupported: 'warning',
  destructive: 'error',
};

const shown = (value: string | null): string => (value === null ? 'nothing' : `\`${value}\``);

const advice = ({ class: kind, refused }: KnownDrift): string => {
  if (refused !== null) return `What to do: ${refused}.`;
  if (kind === 'create' || kind === 'safe') {
    return 'What to do: `npx soma topics apply` brings it back and loses nothing; or declare what stands.';
  }
  return `What to do: look at \`npx soma topics plan\`, then declare what stands or apply with \`--allow ${kind}\`.`;
};

/**
 * What a squad reads about a drift. Equal rows give equal notifications, so that one that is sent again after a crash
 * can be told by its `dedupe_key`.
 */
export const driftNotification = (drift: Untold, clusterId: string): Notification => {
  const { id, news, at, part, resource, field, owner, before, after, reason } = drift;
  const isOver = news === 'resolved';
  const thing = `${things[part]} ${resource}`;
  const fromTo = `\`${field}\`: ${shown(before)} → ${shown(after)}`;
  return {
    squads: [owner],
    source: 'topic-provisioner',
    kind: isOver ? 'topics.drift.resolved' : 'topics.drift',
    severity: isOver ? 'info' : severities[drift.class],
    title: isOver
      ? `${thing} is as declared again: ${field}`
      : `${thing} is not as the catalogue declares: ${field}`,
    body: isOver
      ? `It was ${fromTo} (${drift.class}).`
      : `${fromTo} (${drift.class}).\n\nWhy this class: ${reason}.\n\n${advice(drift)}`,
    link: null,
    // Of its own for each occurrence and for its end: a reader that drops repeats must not drop the next one.
    dedupe_key: `drift/${resource}/${field}/${id}${isOver ? '/resolved' : ''}`,
    metadata: { cluster: clusterId, resource, field, class: drift.class },
    at,
  };
};

/** Whether notifications can be sent at all: their own topic and schema may be among what is missing. */
export const channelStands = (changes: readonly Change[], prefix: string): boolean => {
  const { subject } = topics[channel];
  return !changes.some(
    ({ resource, field }) =>
      (resource === prefix + channel && field === 'topic') ||
      (resource === prefix + subject && field === 'schema'),
  );
};

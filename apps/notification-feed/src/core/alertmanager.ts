import { isSquad } from '@soma/contracts';
import { z } from 'zod';
import type { Notification, Severity } from './notification.js';
import { originOf } from './origin.js';
import { limits, objectForm } from './posted.js';

/** Who looks after alerts that name no squad. */
const nobodysAlerts = 'infra-ops';

const labels = z.record(z.string(), z.string('a text'), 'labels: an object of texts');
const time = z.iso.datetime({ offset: true, message: 'a time in RFC 3339' });
const text = (what: string) => z.string(what).min(1, what);

const alert = z.object(
  {
    status: z.enum(['firing', 'resolved'], 'firing or resolved'),
    labels,
    annotations: labels.default({}),
    startsAt: time,
    endsAt: time,
    generatorURL: z.string('a text').default(''),
    fingerprint: text('the fingerprint of the alert'),
  },
  objectForm('an alert: a JSON object'),
);

/** What Alertmanager's webhook receiver sends: alerts that were grouped. What is not named here is ignored. */
export const alertGroup = z.object(
  {
    version: z.literal('4', 'version 4 of the webhook, which Alertmanager has sent since 0.6'),
    groupKey: text('the key of the group'),
    alerts: z.array(alert, 'a list of alerts'),
  },
  objectForm('a message of the webhook receiver of Alertmanager: a JSON object'),
);

type Alert = z.output<typeof alert>;

const severityOf = ({ status, labels: { severity = '' } }: Alert): Severity => {
  if (status === 'resolved') return 'info';
  const known = ['critical', 'error', 'warning', 'info'] as const;
  return known.find((name) => name === severity.toLowerCase()) ?? 'warning';
};

const squadsOf = ({ labels: { squad = '' } }: Alert): string[] => {
  const named = squad.split(',').map((name) => name.trim());
  const known = [...new Set(named)].filter(isSquad).toSorted();
  return known.length > 0 ? known : [nobodysAlerts];
};

const clipped = (whole: string, most: number): string =>
  whole.length <= most ? whole : `${whole.slice(0, most - 1)}…`;

const linkOf = (address: string): string | null =>
  /^https?:$/.test(URL.parse(address)?.protocol ?? '') && address.length <= limits.link ? address : null;

const titleOf = ({ status, labels, annotations: { summary } }: Alert): string => {
  const what = summary?.trim() || labels['alertname'] || 'An alert without a name';
  return clipped(status === 'resolved' ? `Resolved: ${what}` : what, limits.title);
};

const notificationOf = (one: Alert): Notification => ({
  squads: squadsOf(one),
  source: 'alertmanager',
  kind: `alert.${one.status}`,
  severity: severityOf(one),
  title: titleOf(one),
  body: clipped(one.annotations['description'] ?? '', limits.body),
  link: linkOf(one.generatorURL),
  dedupeKey: clipped(`alert/${one.fingerprint}`, limits.key),
  metadata: Object.fromEntries(
    Object.entries(one.labels)
      .slice(0, limits.labels)
      .map(([name, value]) => [clipped(name, limits.word), clipped(value, limits.label)]),
  ),
  // Go writes a time that it does not know as the year 1.
  happenedAt: Math.max(0, Date.parse(one.status === 'resolved' ? one.endsAt : one.startsAt)),
});

/**
 * One notification per alert of a group. The origin is that of the alert's state and not of the message: each
 * Alertmanager of a cluster sends it, and sends it again while it lasts. The squads are part of it, so that a caller
 * cannot take the place of an alert that it may not address.
 */
export const fromAlertGroup = ({
  groupKey,
  alerts,
}: z.output<typeof alertGroup>): { origin: string; notification: Notification }[] =>
  alerts.map((one) => {
    const notification = notificationOf(one);
    const startsAt = new Date(one.startsAt).toISOString();
    const state = [groupKey, one.fingerprint, one.status, startsAt, ...notification.squads];
    return { origin: originOf('alertmanager', ...state), notification };
  });

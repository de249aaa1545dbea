import type { EventOf, SquadName } from '@soma/contracts';

export type Severity = EventOf<'infra.notifications'>['severity'];

/** Addressed to every squad. */
export const everySquad = '*';

/** What a squad is told, before it has a place in the feed. */
export interface Notification {
  readonly squads: readonly (SquadName | typeof everySquad | (string & {}))[];
  /** Service that produced it. */
  readonly source: string;
  /** Dotted name of what happened, such as `settings.changed`. */
  readonly kind: string;
  readonly severity: Severity;
  readonly title: string;
  readonly body: string;
  readonly link: string | null;
  /** Equal for notifications about one thing. */
  readonly dedupeKey: string;
  readonly metadata: Readonly<Record<string, string>>;
  /** Milliseconds since the epoch. */
  readonly happenedAt: number;
}

/** Where a notification comes from; with it, storing the same event twice makes one row. */
export interface Coordinate {
  readonly topic: string;
  readonly partition: number;
  /** 64-bit, hence text. */
  readonly offset: string;
}

const microUnits = 1_000_000n;

/** Integer micro-units as a decimal number with its currency: 1250000 EUR is "1.25 EUR". */
export const money = (micros: number | bigint, currency: string): string => {
  const value = BigInt(micros);
  const absolute = value < 0n ? -value : value;
  const fraction = (absolute % microUnits)
    .toString()
    .padStart(6, '0')
    .replace(/0{1,4}$/, '');
  return `${value < 0n ? '-' : ''}${absolute / microUnits}.${fraction} ${currency}`;
};

/** Settings concern whoever caches them, which is everybody. */
export const fromSettingsChanged = (event: EventOf<'settings.changed'>, source: string): Notification => {
  const keys = event.changed_keys.length > 0 ? event.changed_keys.join(', ') : 'any of its keys';
  return {
    squads: [everySquad],
    source,
    kind: 'settings.changed',
    severity: 'info',
    title: `Settings of ${event.tenant} are now at version ${event.version}`,
    body: `Changed: ${keys}.`,
    link: null,
    dedupeKey: `settings/${event.tenant}/${event.version}`,
    metadata: { tenant: event.tenant, version: String(event.version), hash: event.hash },
    happenedAt: event.at,
  };
};

/** What a tenant spent is the business of the squad that bills it, and of nobody else. */
export const fromBillingEvent = (event: EventOf<'billing.events'>, source: string): Notification => ({
  squads: ['identity-settings'],
  source,
  kind: 'billing.event',
  severity: 'info',
  title: `${event.tenant_id} was billed ${money(event.cost, event.currency)} for ${event.service}`,
  body: `${event.tokens} tokens.`,
  link: null,
  dedupeKey: `billing/${event.event_id}`,
  metadata: { tenant: event.tenant_id, service: event.service, event_id: event.event_id },
  happenedAt: event.at,
});

/** Already a notification: it passes as its producer wrote it; without squads it is for all of them. */
export const fromInfraNotification = (event: EventOf<'infra.notifications'>): Notification => ({
  squads: event.squads.length > 0 ? event.squads : [everySquad],
  source: event.source,
  kind: event.kind,
  severity: event.severity,
  title: event.title,
  body: event.body,
  link: event.link,
  dedupeKey: event.dedupe_key,
  metadata: event.metadata,
  happenedAt: event.at,
});

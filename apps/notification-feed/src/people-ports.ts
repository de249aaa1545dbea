import type { SquadFile } from './core/rules/load-rules.js';
import type { Severity } from './core/notification.js';
import type { Digest } from './core/people/digest.js';
import type { Mute, MuteMatcher } from './core/people/mute.js';
import type { StoredNotification } from './ports.js';

/** A person within a squad: what is read, snoozed and muted belongs to both. */
export interface Reader {
  readonly squad: string;
  readonly person: string;
}

/** That somebody looks after a notification; milliseconds since the epoch. */
export interface Acknowledgement {
  readonly by: string;
  readonly at: number;
  readonly note: string | null;
}

export interface Assignment {
  readonly assignee: string;
  readonly by: string;
  readonly at: number;
}

/** One entry of what squads did with a notification. */
export interface ResponseRecord {
  readonly act: 'acknowledged' | 'withdrawn' | 'assigned' | 'unassigned';
  readonly by: string;
  readonly at: number;
  /** The note, or the assignee. */
  readonly detail: string | null;
}

/** A notification as one person of a squad sees it. */
export interface InboxItem extends Omit<StoredNotification, 'origin' | 'coordinate'> {
  readonly read: boolean;
  readonly acked: Acknowledgement | null;
  readonly assignee: string | null;
  /** Until when it is hidden; null if it is not. */
  readonly snoozedUntil: number | null;
  readonly muted: boolean;
}

/** What a person's inbox is asked for. */
export interface InboxQuery {
  readonly limit: number;
  readonly before?: string | undefined;
  /** Only what is not read. */
  readonly unread: boolean;
  /** Also what is muted or snoozed. */
  readonly all: boolean;
}

/** How much a person has not read. */
export interface Unread {
  /** Read up to here; "0" at first. */
  readonly upTo: string;
  /** Not counted beyond {@link mostCounted}. */
  readonly counts: Readonly<Record<Severity, number>>;
}

/** A thousand unread notifications are as many as any number. */
export const mostCounted = 1_000;

/** What people have read, and what they do not want to see. */
export interface ReadingStore {
  /** Everything up to a position is read; the mark never goes back, and not beyond the end of the feed. Answers the mark. */
  readUpTo(reader: Reader, position: string): Promise<string>;
  /** These are read: all of them, or none if some are not in the squad's feed, which it answers. */
  read(
    reader: Reader,
    positions: readonly string[],
  ): Promise<{ readonly upTo: string } | { readonly unknown: readonly string[] }>;
  unread(reader: Reader): Promise<Unread>;
  /** Newest first. */
  inbox(reader: Reader, query: InboxQuery): Promise<readonly InboxItem[]>;
  /** Hides a notification until a time; false if it is not in the squad's feed. */
  snooze(reader: Reader, position: string, until: number): Promise<boolean>;
  /** The end of it; false likewise. */
  wake(reader: Reader, position: string): Promise<boolean>;
  /** Undefined if the person has {@link mostMutes} already. */
  mute(reader: Reader, matcher: MuteMatcher, until: number | null): Promise<Mute | undefined>;
  /** Those in force, the newest first. */
  mutes(reader: Reader): Promise<readonly Mute[]>;
  unmute(reader: Reader, id: string): Promise<boolean>;
}

export const mostMutes = 200;

/** What a squad does with a notification: `squad` is whose, `by` is who. Answers undefined if it is not in its feed. */
export interface ResponseStore {
  /** The first one wins; everybody is answered the same. */
  acknowledge(
    squad: string,
    position: string,
    by: string,
    note: string | null,
  ): Promise<Acknowledgement | undefined>;
  withdraw(squad: string, position: string, by: string): Promise<true | undefined>;
  assign(squad: string, position: string, assignee: string, by: string): Promise<Assignment | undefined>;
  unassign(squad: string, position: string, by: string): Promise<true | undefined>;
  /** What was done, in its order. */
  history(squad: string, position: string): Promise<readonly ResponseRecord[] | undefined>;
}

/** What squads are reminded of. */
export interface ReminderStore {
  /** What a squad was told from `from` up to, and without, `to`; milliseconds since the epoch. */
  digest(squad: string, from: number, to: number, severities: readonly Severity[]): Promise<Digest>;
  /** Stores a squad's digest if it is due: once, whoever looks. True if there is a new notification. */
  tellDigest(file: Pick<SquadFile, 'squad' | 'digest'>): Promise<boolean>;
  /** Stores the escalations of a squad that are due: each once, whoever looks. Answers how many. */
  tellEscalations(file: Pick<SquadFile, 'squad' | 'escalation'>): Promise<number>;
}

/** Everything that people have done. */
export interface PeopleStore extends ReadingStore, ResponseStore, ReminderStore {
  /** Forgets what was done with notifications before a position: the feed does not have them any more. */
  prune(floor: string): Promise<void>;
}

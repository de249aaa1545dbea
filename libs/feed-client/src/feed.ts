export type Severity = 'info' | 'warning' | 'error' | 'critical';

/** A notification as the feed gives it out. */
export interface Notification {
  /** Its place in the feed, 64-bit, hence text. It grows along the feed and may skip numbers. */
  readonly position: string;
  /** Whom it concerns; `*` is everybody. */
  readonly squads: readonly string[];
  /** Service or pipeline that it came from. */
  readonly source: string;
  /** Dotted name of what happened. */
  readonly kind: string;
  readonly severity: Severity;
  readonly title: string;
  /** Markdown. */
  readonly body: string;
  readonly link: string | null;
  /** Equal for notifications about one thing. */
  readonly dedupe_key: string;
  readonly metadata: Readonly<Record<string, string>>;
  /** RFC 3339. */
  readonly happened_at: string;
  /** RFC 3339. */
  readonly stored_at: string;
  /** Kafka coordinate; null for what came another way. */
  readonly event: { readonly topic: string; readonly partition: number; readonly offset: string } | null;
}

/** A notification that is to be stored; the feed fills in what is left out. */
export interface NewNotification {
  /** Whom it concerns; `['*']` or `[]` is everybody. */
  readonly squads: readonly string[];
  /** Dotted name of what happened. */
  readonly kind: string;
  /** One line that makes sense without the body. */
  readonly title: string;
  readonly severity?: Severity;
  readonly source?: string;
  /** Markdown. */
  readonly body?: string;
  /** Absolute http or https URL. */
  readonly link?: string | null;
  /** What it is about; without an idempotency key, what makes a repeat of the same token the same row. */
  readonly dedupe_key?: string;
  readonly metadata?: Readonly<Record<string, string>>;
  /** When it happened: RFC 3339, or milliseconds since 1970. */
  readonly at?: string | number;
}

/** Where a notification was stored, and whether it was not there before. */
export interface Placement {
  readonly position: string;
  readonly new: boolean;
}

/** A part of the feed that this reader does not get. */
export interface Gap {
  /** The cursor that the reader had. */
  readonly from: string;
  /** The cursor at which the feed goes on. */
  readonly to: string;
  /** `retention`: no longer kept; `epoch`: the cursor is of another feed; `unknown-position`: the feed has never been there. */
  readonly reason: 'retention' | 'epoch' | 'unknown-position' | (string & {});
  /** Severities that are missing, where it is not all of them. */
  readonly severities?: readonly string[];
}

/** Is told about a gap before reading goes on behind it. What it throws ends the reading. */
export type OnGap = (gap: Gap) => void | Promise<void>;

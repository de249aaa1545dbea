import type { Finding } from '../checker.js';

export const transportNames = ['sse', 'websocket', 'rest'] as const;
export type TransportName = (typeof transportNames)[number];

/** One subscriber. */
export interface ReaderSpec {
  readonly id: string;
  readonly squad: string;
  readonly transport: TransportName;
  /** It is a named consumer: the service keeps its place. */
  readonly consumer?: string | undefined;
}

/** What a process of readers is told. */
export type Order =
  | {
      readonly kind: 'start';
      readonly readers: readonly ReaderSpec[];
      /** By squad. */
      readonly tokens: Readonly<Record<string, string>>;
      readonly replicas: readonly string[];
    }
  /** Base URLs, from now on. */
  | { readonly kind: 'replicas'; readonly replicas: readonly string[] }
  /** Connections that are cut at random each second, from now on. */
  | { readonly kind: 'drops'; readonly perSecond: number }
  /** The end: positions that are stored for each squad, ascending. */
  | { readonly kind: 'check'; readonly log: Readonly<Record<string, readonly number[]>> };

export type Counts = Readonly<Record<TransportName, number>>;

/** How the readers of a process are doing. */
export interface Report {
  /** Connections that are open. */
  readonly open: Counts;
  /** The same by replica, in the order of their URLs. */
  readonly openAt: readonly number[];
  /** Every reader has seen everything up to here. */
  readonly slowest: number;
  readonly rows: number;
  readonly reconnects: Counts;
  readonly gaps: number;
  /** Connections that were given up because nothing came, not even a heartbeat. */
  readonly silent: number;
}

/** What the checker says about the readers of a process. */
export interface Checked {
  readonly readers: number;
  /** The first of them. */
  readonly findings: readonly (Finding & { readonly reader: string })[];
  readonly findingsInAll: number;
  /** A sample of times from what happened until it was read, in milliseconds. */
  readonly delaysMs: readonly number[];
}

/** What a process of readers tells. */
export type News = ({ readonly kind: 'report' } & Report) | ({ readonly kind: 'checked' } & Checked);

import type { Ranges } from './ranges.js';
import type { Sent } from './rate-limit.js';
import type { WindowTotal } from './windows.js';

/** Name of one window of a rule: the rule, the group's values as JSON, and when the window begins. */
export interface WindowKey {
  readonly rule: string;
  readonly group: string;
  /** Milliseconds since the epoch, as is `end`. */
  readonly start: number;
  readonly end: number;
}

/** A window's key as one text. */
export const windowId = ({ rule, group, start }: WindowKey): string => `${rule} ${start} ${group}`;

/** What rules remember from event to event. */
export interface RulesState {
  /** Offsets that were handled, by `topic/partition`. */
  readonly done: ReadonlyMap<string, Ranges>;
  /** By {@link windowId}. */
  readonly windows: ReadonlyMap<string, WindowTotal>;
  /** By the rule's id. */
  readonly sent: ReadonlyMap<string, Sent>;
}

/** Before the first event. */
export const emptyState: RulesState = { done: new Map(), windows: new Map(), sent: new Map() };

/** A map with one entry more, or another value for it. */
export const withEntry = <V>(map: ReadonlyMap<string, V>, key: string, value: V): ReadonlyMap<string, V> =>
  new Map(map).set(key, value);

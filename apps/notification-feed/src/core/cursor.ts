import type { Severity } from './notification.js';

/** A place in the feed as readers keep it: everything up to `position` has been seen. */
export interface Cursor {
  /** The feed's history that the position belongs to; absent in cursors from before epochs, which are of the present one. */
  readonly epoch?: string;
  readonly position: bigint;
}

/** What a reader has to know of the whole feed. */
export interface FeedState {
  /** Eight lower-case letters and digits; changes when the past of the log may have changed. */
  readonly epoch: string;
  /** Position behind which this epoch begins. */
  readonly begins: bigint;
  /** The last position that was given out: all rows up to here are there to be read. */
  readonly head: bigint;
  /** Up to where, inclusive, notifications of a severity may be gone. */
  readonly floors: Readonly<Record<Severity, bigint>>;
}

/**
 * Why a reader may have missed something: it is older than its retention; the log's past has changed; or the feed has
 * never given out that position.
 */
export const gapReasons = ['retention', 'epoch', 'unknown-position'] as const;

export type GapReason = (typeof gapReasons)[number];

/** What a reader has missed, or may have. Cursors as texts. */
export interface Gap {
  readonly from: string;
  readonly to: string;
  readonly reason: GapReason;
  /** With `retention`: the severities that are gone; what is left of the others follows the gap. */
  readonly severities?: readonly Severity[];
}

const form = /^(?:(?<epoch>[0-9a-z]{8})\.)?(?<position>\d{1,19})$/;
const largest = 2n ** 63n - 1n;

/** What a cursor looks like, for those who sent something else. */
export const cursorForm =
  'a cursor, as a notification, an answer or a stream has given it: <epoch>.<position>';

/** Reads a cursor; undefined if it is none. */
export const parseCursor = (text: string): Cursor | undefined => {
  const { epoch, position } = form.exec(text)?.groups ?? {};
  if (position === undefined || BigInt(position) > largest) return undefined;
  return { ...(epoch !== undefined && { epoch }), position: BigInt(position) };
};

/** The text of a cursor. */
export const cursorText = (epoch: string, position: bigint | string): string => `${epoch}.${position}`;

/** Where a reader goes on, and what it has to be told first. */
export interface Resumption {
  readonly position: bigint;
  readonly gap?: Gap;
}

const lost = (position: bigint, { floors }: FeedState): Severity[] =>
  (Object.keys(floors) as Severity[]).filter((severity) => floors[severity] > position);

/** Up to where, inclusive, something may be gone. */
export const highestFloor = ({ floors }: FeedState): bigint =>
  Object.values(floors).reduce((most, floor) => (floor > most ? floor : most));

/** Up to where, inclusive, everything is gone. */
export const lowestFloor = ({ floors }: FeedState): bigint =>
  Object.values(floors).reduce((least, floor) => (floor < least ? floor : least));

/** The gap of a reader that has seen everything up to a position of this epoch; undefined if nothing is gone. */
export const retentionGap = (position: bigint, state: FeedState): Gap | undefined => {
  const severities = lost(position, state);
  if (severities.length === 0) return undefined;
  return {
    from: cursorText(state.epoch, position),
    to: cursorText(state.epoch, highestFloor(state)),
    reason: 'retention',
    severities,
  };
};

/**
 * Where a reader with this cursor goes on. Never silent: what it may have missed is a gap. In another epoch its position
 * says nothing, so it gets everything since the present one began.
 */
export const resume = ({ epoch = undefined, position }: Cursor, state: FeedState): Resumption => {
  const at = (to: bigint, reason: GapReason): Resumption => ({
    position: to,
    gap: {
      from: cursorText(epoch ?? state.epoch, position),
      to: cursorText(state.epoch, to),
      reason,
    },
  });
  // Whoever asks for everything gets what there is; it has seen nothing that could be missing behind.
  if (epoch === undefined && position === 0n) return { position };
  if (epoch !== undefined && epoch !== state.epoch) return at(state.begins, 'epoch');
  if (position > state.head) return at(state.head, 'unknown-position');
  const gap = retentionGap(position, state);
  return gap ? { position, gap } : { position };
};

/** What a connection tells its reader. Cursors are texts, as the service gives them. */
export interface Told {
  /** The service has accepted it. */
  opened(): void;
  /** A row, the position in it, and the cursor that came with it. True if the time of this one is wanted. */
  row(cursor: string, position: number): boolean;
  /** When what the last row tells had happened, in RFC 3339. */
  happened(at: string): void;
  cursor(cursor: string): void;
  gap(from: string, to: string): void;
  /** The reader has acknowledged everything up to a cursor. */
  acknowledged(cursor: string): void;
}

/** One connection to one replica. */
export interface Visit {
  /** Base URL of the replica. */
  readonly url: string;
  readonly squad: string;
  readonly token: string;
  /** Behind which it wants everything; a named consumer has none. */
  readonly cursor: string;
  /** Name of a consumer that acknowledges. */
  readonly consumer?: string | undefined;
  /** Cuts the connection. */
  readonly signal: AbortSignal;
  readonly told: Told;
}

/** Reads until the connection ends. Rejects if there was none, or it broke. */
export type Transport = (visit: Visit) => Promise<void>;

/** Position of a cursor. */
export const positionOf = (cursor: string): number => Number(cursor.slice(cursor.indexOf('.') + 1));

const happenedKey = '"happened_at":"';

/** When the notification in a JSON text behind an index had happened. */
export const happenedIn = (json: string, from = 0): string => {
  const begin = json.indexOf(happenedKey, from) + happenedKey.length;
  return json.slice(begin, json.indexOf('"', begin));
};

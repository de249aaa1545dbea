import type { Coordinate, Notification } from './core/notification.js';

/** A notification with its place in the feed. */
export interface StoredNotification extends Notification {
  /** Grows along the feed; 64-bit, hence text. The cursor of a reader is the last one it has seen. */
  readonly position: string;
  readonly coordinate: Coordinate;
  readonly storedAt: number;
}

/** The durable log of notifications. */
export interface NotificationStore {
  /** Stores each coordinate once, whatever is redelivered; returns how many were new. Fails whole or not at all. */
  append(entries: readonly { coordinate: Coordinate; notification: Notification }[]): Promise<number>;
  /** What is addressed to a squad after a position, oldest first. */
  after(squad: string, position: string, limit: number): Promise<StoredNotification[]>;
  /** What is addressed to a squad, newest first, before a position if one is given. */
  before(squad: string, position: string | undefined, limit: number): Promise<StoredNotification[]>;
  /** The newest position for a squad; "0" when there is nothing. */
  head(squad: string): Promise<string>;
}

/** Tells sleeping streams that there is something new. May lose a message: streams look by themselves, too. */
export interface WakeUp {
  announce(): Promise<void>;
  /** Calls back on each announcement, until the returned function is called. */
  onWake(listener: () => void): () => void;
}

import type { Gap } from '../core/cursor.js';
import type { Batch } from './batch.js';

/** Where a reader's notifications go: one connection. */
export interface Sink {
  /** Whether it takes more at once; if not, {@link drained} tells when it does. */
  readonly ready: boolean;
  /** Resolves when it is ready, or closed. */
  drained(): Promise<void>;
  /** Passes a batch on, also if it is not ready. */
  send(batch: Batch): void;
  gap(gap: Gap): void;
  /** Tells that nothing has happened up to a cursor. */
  idle(cursor: string): void;
  /** Ends the connection. */
  close(reason: CloseReason): void;
  /** Aborts when the connection has ended, whoever ended it. */
  readonly closed: AbortSignal;
}

/** Why the service ends a stream; in each case the client comes back with its cursor. */
export type CloseReason =
  /** The replica stops. */
  | 'shutdown'
  /** The replica cannot read the feed; another one may. */
  | 'cut-off'
  /** The token is not accepted any more, or not for this squad. */
  | 'not-allowed'
  /** Nothing was taken off the connection for too long. */
  | 'stalled'
  /** The feed has begun another epoch. */
  | 'new-epoch'
  | 'failed';

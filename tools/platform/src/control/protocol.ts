import { PlatformError, reasonOf, type PlatformErrorCode } from '../errors.js';
import type { Progress } from '../status.js';

/** What can be done to one server. */
export const serverActions = ['start', 'stop', 'kill', 'pause', 'continue'] as const;
export type ServerAction = (typeof serverActions)[number];

export interface WireError {
  readonly code: PlatformErrorCode;
  readonly message: string;
}

/** One line of a streamed answer: progress, and at last how it ended. */
export type StreamLine =
  { readonly progress: Progress } | { readonly done: true } | { readonly error: WireError };

export const toWire = (error: unknown): WireError => ({
  code: error instanceof PlatformError ? error.code : 'start-failed',
  message: reasonOf(error),
});

export const fromWire = ({ code, message }: WireError): PlatformError => new PlatformError(code, message);

/** What went wrong with the platform; the CLI prints `message` as it is. */
export type PlatformErrorCode =
  | 'already-running'
  | 'not-running'
  | 'missing-software'
  | 'download-failed'
  | 'bad-state'
  | 'bad-request'
  | 'external-unreachable'
  | 'start-failed'
  | 'stop-failed';

/** A failure with one message that says what, where and what to do. */
export class PlatformError extends Error {
  readonly code: PlatformErrorCode;

  constructor(code: PlatformErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'PlatformError';
    this.code = code;
  }
}

/** The text of anything that was thrown. */
export const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

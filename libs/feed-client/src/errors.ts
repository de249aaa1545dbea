import type { Gap } from './feed.js';

/** One field of a request that the feed refused. */
export interface FieldError {
  readonly path: string;
  readonly message: string;
}

interface Facts {
  readonly status?: number;
  readonly detail?: string;
  readonly errors?: readonly FieldError[];
  readonly retryAfterMs?: number | undefined;
  readonly cause?: unknown;
}

/** The feed refused, or could not be reached, or said something that is no answer. */
export class FeedError extends Error {
  override readonly name = 'FeedError';
  /** HTTP status; undefined if there was no answer. */
  readonly status: number | undefined;
  /** What the feed said about it. */
  readonly detail: string | undefined;
  /** Every field that was wrong. */
  readonly errors: readonly FieldError[];
  /** Milliseconds after which it may be tried again, where the feed named a time. */
  readonly retryAfterMs: number | undefined;

  constructor(
    /** The `code` of the problem document; `unreachable`, `interrupted`, `no-token`, or what else was found here. */
    readonly code: string,
    message: string,
    { status, detail, errors = [], retryAfterMs, cause }: Facts = {},
  ) {
    super(message, { cause });
    this.status = status;
    this.detail = detail;
    this.errors = errors;
    this.retryAfterMs = retryAfterMs;
  }

  /** Whether the same request may succeed later: no answer, 408, 429, and what is the server's own trouble. */
  get retriable(): boolean {
    if (this.status === undefined) return ['unreachable', 'interrupted', 'no-token'].includes(this.code);
    return this.status === 408 || this.status === 429 || this.status >= 500;
  }
}

/** There is a gap, and nobody was there to be told. Reading on behind it takes its `to` as the cursor, or an `onGap`. */
export class FeedGapError extends Error {
  override readonly name = 'FeedGapError';
  readonly code = 'gap';

  constructor(readonly gap: Gap) {
    super(`a part of the feed is missing, from ${gap.from} to ${gap.to}: ${gap.reason}`);
  }
}

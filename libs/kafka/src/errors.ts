/** Closed list of the codes that errors of this library carry. */
export type KafkaErrorCode =
  | 'EVENT_INVALID'
  | 'SCHEMA_NOT_REGISTERED'
  | 'SCHEMA_UNKNOWN'
  | 'PAYLOAD_UNDECODABLE'
  | 'REGISTRY_UNAVAILABLE'
  | 'REGISTRY_REFUSED'
  | 'DELIVERY_TIMEOUT'
  | 'DELIVERY_REFUSED'
  | 'PRODUCER_CLOSED'
  | 'CLUSTER_UNREACHABLE'
  | 'ADMIN_REFUSED';

/** Base of every error of libs/kafka: `code` says what happened, `transient` whether waiting may mend it. */
export class KafkaError extends Error {
  override readonly name: string = 'KafkaError';
  constructor(
    readonly code: KafkaErrorCode,
    message: string,
    readonly options: { readonly cause?: unknown; readonly transient?: boolean } = {},
  ) {
    super(message, { cause: options.cause });
  }
  /** True when the same call may succeed later without any change. */
  get transient(): boolean {
    return this.options.transient ?? false;
  }
}

/** One field of an event that does not fit its schema. */
export interface FieldProblem {
  readonly path: string;
  readonly message: string;
}

/** An event that does not fit its schema; raised before anything is sent. Lists every field that is wrong. */
export class EventInvalidError extends KafkaError {
  override readonly name = 'EventInvalidError';
  constructor(
    readonly topic: string,
    readonly problems: readonly FieldProblem[],
    cause?: unknown,
  ) {
    const list = problems.map(({ path, message }) => `${path || '(event)'}: ${message}`).join('; ');
    super('EVENT_INVALID', `event does not fit the schema of ${topic}: ${list}`, { cause });
  }
}

/** A handler throws this (or any error with `transient: true`) when waiting may help: never dead-lettered. */
export class TransientError extends Error {
  override readonly name = 'TransientError';
  readonly transient = true;
}

/** Whether an error says of itself that waiting may mend it (libs/postgres and libs/redis say so, too). */
export const isTransient = (error: unknown): boolean =>
  typeof error === 'object' && error !== null && (error as { transient?: unknown }).transient === true;

/** An error's message, whatever was thrown; aggregates list their parts. */
export const messageOf = (error: unknown): string => {
  if (error instanceof AggregateError && error.errors.length > 0) {
    return error.errors.map(messageOf).join('; ');
  }
  return error instanceof Error ? error.message : String(error);
};

/** The message with those of its causes that it does not repeat: a client may say "failed" and keep why to its cause. */
export const wholeMessageOf = (error: unknown): string => {
  const message = messageOf(error);
  const cause = error instanceof Error && error.cause !== undefined ? wholeMessageOf(error.cause) : '';
  return cause === '' || message.includes(cause) ? message : `${message.replace(/\.$/, '')}: ${cause}`;
};

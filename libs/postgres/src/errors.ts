import { isNativeError } from 'node:util/types';

/** No answer from PostgreSQL: it is away, starting or stopping, out of connections, or too slow. Worth a retry. */
export class PostgresUnavailable extends Error {
  readonly code = 'POSTGRES_UNAVAILABLE';
  /** The HTTP status this deserves when nobody handles it. */
  readonly status = 503;
  /** Tells an event handler's caller that waiting helps: the event is tried again, not put aside. */
  readonly transient = true;

  constructor(cause: Error) {
    super('the database does not answer', { cause });
    this.name = 'PostgresUnavailable';
  }
}

/** A statement failed, its error was swallowed, and the server rolled the transaction back at its commit. */
export class TransactionAborted extends Error {
  readonly code = 'TRANSACTION_ABORTED';

  constructor() {
    super('the transaction was rolled back: one of its statements failed and the error was swallowed');
    this.name = 'TransactionAborted';
  }
}

const networkCodes = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOENT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EPIPE',
  'ETIMEDOUT',
]);

/** SQLSTATE: connection exceptions (08), too many connections (53300), shutdown, crash and start-up (57P01 to 03). */
const lostStates = /^(08\w{3}|53300|57P0[123])$/;

/** node-postgres gives what it finds out itself as plain errors without a code. */
const lostMessages =
  /^(Connection terminated|timeout exceeded when trying to connect|timeout expired|Query read timeout|Client has encountered a connection error)/;

/** SQLSTATE of an error that the server answered, such as `23505` for a unique violation. */
export function sqlState(error: unknown): string | undefined {
  const code = isNativeError(error) && 'code' in error ? error.code : undefined;
  return typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) ? code : undefined;
}

/** True if the error says that the server did not answer, and not that it refused the statement. */
export function isConnectionLoss(error: unknown): error is Error {
  if (!isNativeError(error)) return false;
  if ('errors' in error && Array.isArray(error.errors)) return error.errors.some(isConnectionLoss);
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  return networkCodes.has(code) || lostStates.test(code) || lostMessages.test(error.message);
}

/** The error to throw in place of one from node-postgres. */
export const translate = (error: unknown): unknown =>
  isConnectionLoss(error) ? new PostgresUnavailable(error) : error;

import { STATUS_CODES } from 'node:http';
import { HttpException } from '@nestjs/common';

const internalError = 500;

/** What a failure tells the caller besides its status. */
export interface ProblemExtras {
  readonly headers?: Readonly<Record<string, string>>;
  /** More members of the problem document. */
  readonly fields?: Readonly<Record<string, unknown>>;
  readonly cause?: unknown;
}

/** A failure with the answer it deserves: a status, a stable `code` for programs and a `detail` for people. */
export class Problem extends Error {
  readonly headers: Readonly<Record<string, string>>;
  readonly fields: Readonly<Record<string, unknown>>;

  constructor(
    readonly status: number,
    readonly code: string,
    detail: string,
    { headers = {}, fields = {}, cause }: ProblemExtras = {},
  ) {
    super(detail, { cause });
    this.name = 'Problem';
    this.headers = headers;
    this.fields = fields;
  }
}

/** One thing that is wrong with a request: where, and what. */
export interface RequestError {
  readonly path: string;
  readonly message: string;
}

/** An answer names what is wrong, and does not send the request back: at most so many errors, each so long. */
const mostErrors = 100;
const longestText = 300;

const clipped = (text: string): string =>
  text.length <= longestText ? text : `${text.slice(0, longestText - 1).toWellFormed()}…`;

/** A body, query or parameter that does not fit its schema: 400, with every error at once. */
export class InvalidRequest extends Problem {
  readonly errors: readonly RequestError[];

  constructor(errors: readonly RequestError[], cause?: unknown) {
    const told = errors
      .slice(0, mostErrors)
      .map(({ path, message }) => ({ path: clipped(path), message: clipped(message) }));
    const more = errors.length > told.length ? `, the first ${mostErrors} of ${errors.length}` : '';
    const detail = `the request does not fit: see errors${more}`;
    super(400, 'invalid-request', detail, { fields: { errors: told }, cause });
    this.name = 'InvalidRequest';
    this.errors = told;
  }
}

/** A problem document (RFC 9457) with its status and headers. */
export interface ProblemAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Readonly<Record<string, unknown>>;
}

/** Where a failure happened. */
export interface ProblemPlace {
  readonly instance: string;
  readonly traceId?: string | undefined;
}

/**
 * The answer to a failed request. Framework and domain errors keep their status and message; what nobody foresaw is a
 * 500 that says nothing but the trace id to look for.
 */
export function toProblem(error: unknown, { instance, traceId }: ProblemPlace): ProblemAnswer {
  const { status, code, detail, headers, fields } = interpret(error);
  const body = {
    type: code ? `urn:soma:problem:${code}` : 'about:blank',
    title: STATUS_CODES[status] ?? 'Error',
    status,
    detail,
    instance,
    ...(code && { code }),
    ...fields,
    ...(traceId && { trace_id: traceId }),
  };
  return { status, headers, body };
}

type Interpreted = Pick<ProblemAnswer, 'status' | 'headers'> & {
  code?: string;
  detail: string;
  fields: object;
};

function interpret(error: unknown): Interpreted {
  if (error instanceof Problem) {
    const { status, code, message, headers, fields } = error;
    return { status, code, detail: message, headers, fields };
  }
  if (error instanceof HttpException) {
    return { status: error.getStatus(), detail: error.message, headers: {}, fields: {} };
  }
  if (isDomainError(error)) {
    return { status: error.status, code: error.code, detail: error.message, headers: {}, fields: {} };
  }
  const detail = 'an unexpected error, logged under this trace_id';
  return { status: internalError, detail, headers: {}, fields: {} };
}

/** A domain's own exception class: a `code`, and the `status` that code deserves. */
const isDomainError = (error: unknown): error is Error & { code: string; status: number } =>
  error instanceof Error &&
  'code' in error &&
  typeof error.code === 'string' &&
  'status' in error &&
  Number.isInteger(error.status) &&
  Number(error.status) >= 400 &&
  Number(error.status) <= 599;

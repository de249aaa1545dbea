import { isNativeError } from 'node:util/types';
import { isSpanContextValid, trace } from '@opentelemetry/api';
import { type DestinationStream, type Logger as PinoLogger, pino, stdTimeFunctions } from 'pino';
import { maskUrls, redact } from './redact.js';

/** A structured logger: `logger.info({ topic, offset }, 'message')`. */
export type Logger = PinoLogger;

/** From the loudest to the quietest that still logs. */
export const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
export type LogLevel = (typeof logLevels)[number];

export interface LoggerOptions {
  readonly service: string;
  readonly level: LogLevel;
}

/**
 * Makes the process' logger: one JSON object a line on standard output (or `destination`), ISO times, `trace_id` and
 * `span_id` of the active span, and no secrets (see `redact`).
 */
export function createLogger({ service, level }: LoggerOptions, destination?: DestinationStream): Logger {
  const logger: Logger = pino(
    {
      level,
      base: { service },
      timestamp: stdTimeFunctions.isoTime,
      formatters: {
        level: (label) => ({ level: label }),
        log: (fields) => redact(fields) as Record<string, unknown>,
        bindings: (fields) => redact(fields) as Record<string, unknown>,
      },
      // Errors are already made plain by `redact`; pino's own serializer would print their fields again.
      serializers: { err: redact },
      hooks: {
        logMethod(args, method) {
          const masked = args.map((arg: unknown) => (typeof arg === 'string' ? maskUrls(arg) : arg));
          const [first] = masked;
          // pino takes the message of a lone error from the error itself, past every mask.
          if (isNativeError(first) && masked.length === 1) masked.push(maskUrls(first.message));
          method.apply(this, masked as typeof args);
        },
      },
      mixin: activeTrace,
    },
    destination ?? pino.destination({ fd: 1, sync: true }),
  );
  // pino formats the bindings of a child with nothing but what the child itself asks for.
  // eslint-disable-next-line @typescript-eslint/unbound-method -- called with the logger or child it is called on
  const { child } = logger;
  logger.child = function (this: Logger, bindings: object, ...options: never[]) {
    return child.call(this, redact(bindings) as object, ...options) as never;
  };
  return logger;
}

function activeTrace(): object {
  const span = trace.getActiveSpan()?.spanContext();
  return span && isSpanContextValid(span) ? { trace_id: span.traceId, span_id: span.spanId } : {};
}

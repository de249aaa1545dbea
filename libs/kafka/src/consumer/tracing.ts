import { context, propagation, type Span, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import type { IHeaders } from 'kafkajs';
import { messageOf } from '../errors.js';
import { headerText } from '../headers.js';

const tracer = trace.getTracer('@soma/kafka');

const getter = {
  get: (carrier: IHeaders, key: string) => headerText(carrier, key),
  keys: (carrier: IHeaders) => Object.keys(carrier),
};

const isTraced = (headers: IHeaders | undefined): headers is IHeaders =>
  headers?.['traceparent'] !== undefined;

const finish = (span: Span, error?: unknown): void => {
  if (error !== undefined) span.setStatus({ code: SpanStatusCode.ERROR, message: messageOf(error) });
  span.end();
};

/**
 * Runs a handler inside a consumer span (OpenTelemetry messaging conventions, operation "process") whose
 * parent is the producer's span; more producers of a batch become links. Without a traceparent header the
 * handler runs as it is: a span per event would cost more than the event.
 */
export const traced = <R>(
  topic: string,
  partition: number,
  headersOf: readonly (IHeaders | undefined)[],
  run: () => R,
): R => {
  const [first, ...others] = headersOf.filter(isTraced);
  if (!first) return run();
  const parent = propagation.extract(context.active(), first, getter);
  const links = others.flatMap((headers) => {
    const linked = trace.getSpanContext(propagation.extract(context.active(), headers, getter));
    return linked ? [{ context: linked }] : [];
  });
  const span = tracer.startSpan(
    `process ${topic}`,
    {
      kind: SpanKind.CONSUMER,
      links,
      attributes: {
        'messaging.system': 'kafka',
        'messaging.operation.type': 'process',
        'messaging.operation.name': 'process',
        'messaging.destination.name': topic,
        'messaging.destination.partition.id': String(partition),
        ...(headersOf.length > 1 && { 'messaging.batch.message_count': headersOf.length }),
      },
    },
    parent,
  );
  return context.with(trace.setSpan(parent, span), () => {
    try {
      const result = run();
      if (!(result instanceof Promise)) {
        finish(span);
        return result;
      }
      return result.then(
        (value: unknown) => (finish(span), value),
        (error: unknown) => {
          finish(span, error);
          throw error;
        },
      ) as R;
    } catch (error) {
      finish(span, error);
      throw error;
    }
  });
};

import { isNativeError } from 'node:util/types';
import { context, propagation, type Span, type SpanOptions, SpanStatusCode, trace } from '@opentelemetry/api';
import { NodeSDK } from '@opentelemetry/sdk-node';
import { resourceFromAttributes, defaultResource } from '@opentelemetry/resources';
import { NoopSpanProcessor, type SpanProcessor } from '@opentelemetry/sdk-trace';
import { startMetrics } from './metrics.js';

/** An exporter that cannot reach its collector must not hold up the end of the process for longer. */
const shutdownLimitMs = 3_000;

/** What the process is called in traces and metrics, and where its spans go. */
export interface TelemetryOptions {
  /** Name of the service, as its folder under `apps/` spells it. */
  readonly service: string;
  readonly version: string;
  /** Where spans go; without it to the collector at OTEL_EXPORTER_OTLP_ENDPOINT, if that is set. */
  readonly spanProcessors?: readonly SpanProcessor[];
}

/** Running telemetry of this process. */
export interface Telemetry {
  /** Sends what is still buffered, gives up after three seconds, and unregisters the tracer. Never rejects. */
  shutdown(): Promise<void>;
}

let running = false;

/**
 * Starts tracing (W3C propagation over AsyncLocalStorage, OTLP/HTTP export when OTEL_EXPORTER_OTLP_ENDPOINT is set)
 * and the process metrics. Whoever starts first owns it: a later call in the same process shares it, and its
 * `shutdown` does nothing.
 *
 * @throws Error if telemetry already runs and `spanProcessors` are given, because they would see nothing.
 */
export function startTelemetry({ service, version, spanProcessors }: TelemetryOptions): Telemetry {
  if (running) {
    if (spanProcessors)
      throw new Error('telemetry is already running: shut it down before giving it span processors');
    return { shutdown: () => Promise.resolve() };
  }
  running = true;
  startMetrics(service);
  const exports = Boolean(process.env['OTEL_EXPORTER_OTLP_ENDPOINT']);
  // Without any processor the SDK registers no tracer at all, and log lines would have no trace_id to share.
  const processors = spanProcessors ?? (exports ? undefined : [new NoopSpanProcessor()]);
  const sdk = new NodeSDK({
    resource: defaultResource().merge(
      resourceFromAttributes({ 'service.name': service, 'service.version': version }),
    ),
    autoDetectResources: false,
    metricReaders: [],
    logRecordProcessors: [],
    ...(processors && { spanProcessors: [...processors] }),
  });
  sdk.start();
  return { shutdown: () => stop(sdk) };
}

async function stop(sdk: NodeSDK): Promise<void> {
  if (!running) return;
  running = false;
  const limit = Promise.withResolvers<void>();
  const timer = setTimeout(limit.resolve, shutdownLimitMs);
  await Promise.race([sdk.shutdown().catch(() => undefined), limit.promise]);
  clearTimeout(timer);
  trace.disable();
  context.disable();
  propagation.disable();
}

/**
 * Runs `work` in a new span that is the active one meanwhile, and ends it after; a failure marks the span and is
 * thrown on.
 */
export function inSpan<T>(name: string, options: SpanOptions, work: (span: Span) => Promise<T>): Promise<T> {
  return trace.getTracer('@soma/telemetry').startActiveSpan(name, options, async (span) => {
    try {
      return await work(span);
    } catch (error) {
      failSpan(span, error);
      throw error;
    } finally {
      span.end();
    }
  });
}

/** Marks a span as failed by `error`. */
export function failSpan(span: Span, error: unknown): void {
  const cause = isNativeError(error) ? error : new Error(String(error));
  span.recordException(cause);
  span.setStatus({ code: SpanStatusCode.ERROR, message: cause.message });
}

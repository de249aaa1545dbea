export { createLogger, logLevels } from './logger.js';
export type { Logger, LoggerOptions, LogLevel } from './logger.js';
export { counter, gauge, histogram, metricsPage, registry } from './metrics.js';
export type { Counter, Gauge, Histogram } from './metrics.js';
export { maskUrls, redact } from './redact.js';
export { failSpan, inSpan, startTelemetry } from './tracing.js';
export type { Telemetry, TelemetryOptions } from './tracing.js';

export { context, propagation, ROOT_CONTEXT, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
export type {
  Attributes,
  Context,
  Link,
  Span,
  TextMapGetter,
  TextMapSetter,
  Tracer,
} from '@opentelemetry/api';
export { InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace';
export type { ReadableSpan, SpanProcessor } from '@opentelemetry/sdk-trace';

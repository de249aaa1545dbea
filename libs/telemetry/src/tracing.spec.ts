import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { context, propagation, ROOT_CONTEXT, SpanStatusCode, trace } from '@opentelemetry/api';
import { InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace';
import { inSpan, startTelemetry } from './tracing.js';

describe('startTelemetry', () => {
  it('keeps the active span across awaits and makes children of it', async () => {
    const exporter = new InMemorySpanExporter();
    const spanProcessors = [new SimpleSpanProcessor({ exporter })];
    const telemetry = startTelemetry({ service: 'spec', version: '1.2.3', spanProcessors });
    await inSpan('outer', {}, async () => {
      await setImmediate();
      await inSpan('inner', {}, () => setImmediate());
    });
    const [inner, outer] = exporter.getFinishedSpans();
    expect(inner?.parentSpanContext?.spanId).toBe(outer?.spanContext().spanId);
    expect(outer?.resource.attributes).toMatchObject({ 'service.name': 'spec', 'service.version': '1.2.3' });
    await telemetry.shutdown();
  });

  it('records a failure on its span and throws it on', async () => {
    const exporter = new InMemorySpanExporter();
    const telemetry = startTelemetry({
      service: 's',
      version: '0',
      spanProcessors: [new SimpleSpanProcessor({ exporter })],
    });
    await expect(inSpan('work', {}, () => Promise.reject(new Error('broken')))).rejects.toThrow('broken');
    const [span] = exporter.getFinishedSpans();
    expect(span?.status).toEqual({ code: SpanStatusCode.ERROR, message: 'broken' });
    expect(span?.events[0]?.name).toBe('exception');
    await telemetry.shutdown();
  });

  it('carries the trace in traceparent, also without an exporter', async () => {
    const telemetry = startTelemetry({ service: 'spec', version: '0' });
    const carrier: Record<string, string> = {};
    const sent = await inSpan('send', {}, (span) => {
      propagation.inject(context.active(), carrier);
      return Promise.resolve(span.spanContext());
    });
    expect(carrier['traceparent']).toBe(`00-${sent.traceId}-${sent.spanId}-01`);
    const received = trace.getSpanContext(propagation.extract(ROOT_CONTEXT, carrier));
    expect(received).toMatchObject({ traceId: sent.traceId, spanId: sent.spanId, isRemote: true });
    await telemetry.shutdown();
  });

  it('is shared by a second caller, who cannot end it or add processors', async () => {
    const first = startTelemetry({ service: 'spec', version: '0' });
    await startTelemetry({ service: 'other', version: '0' }).shutdown();
    await inSpan('still traced', {}, (span) => {
      expect(span.isRecording()).toBe(true);
      return Promise.resolve();
    });
    expect(() => startTelemetry({ service: 'other', version: '0', spanProcessors: [] })).toThrow(
      'already running',
    );
    await first.shutdown();
  });

  it('sends spans over OTLP/HTTP to OTEL_EXPORTER_OTLP_ENDPOINT', async () => {
    const received = Promise.withResolvers<{ url: string | undefined; body: string }>();
    const receiver = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        response.end();
        received.resolve({ url: request.url, body: Buffer.concat(chunks).toString('latin1') });
      });
    }).listen(0, '127.0.0.1');
    await once(receiver, 'listening');
    process.env['OTEL_EXPORTER_OTLP_ENDPOINT'] =
      `http://127.0.0.1:${(receiver.address() as AddressInfo).port}`;
    try {
      const telemetry = startTelemetry({ service: 'otlp-spec', version: '0' });
      await inSpan('span-on-the-wire', {}, () => Promise.resolve());
      await telemetry.shutdown();
      const { url, body } = await received.promise;
      expect(url).toBe('/v1/traces');
      expect(body).toContain('otlp-spec');
      expect(body).toContain('span-on-the-wire');
    } finally {
      delete process.env['OTEL_EXPORTER_OTLP_ENDPOINT'];
      receiver.close();
      receiver.closeAllConnections();
    }
  });

  it('stops within four seconds when the collector does not answer', async () => {
    const silent = createServer(() => undefined).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    process.env['OTEL_EXPORTER_OTLP_ENDPOINT'] = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`;
    // A little longer than the limit of shutdown, so that the exporter's own attempts end with this test.
    process.env['OTEL_EXPORTER_OTLP_TIMEOUT'] = '3400';
    try {
      const telemetry = startTelemetry({ service: 'spec', version: '0' });
      await inSpan('lost', {}, () => Promise.resolve());
      const start = performance.now();
      await telemetry.shutdown();
      expect(performance.now() - start).toBeLessThan(4_000);
    } finally {
      delete process.env['OTEL_EXPORTER_OTLP_ENDPOINT'];
      delete process.env['OTEL_EXPORTER_OTLP_TIMEOUT'];
      silent.close();
      silent.closeAllConnections();
    }
  });
});

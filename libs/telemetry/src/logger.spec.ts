import { createLogger } from './logger.js';
import { inSpan, startTelemetry, type Telemetry } from './tracing.js';

const lines: string[] = [];
const logger = createLogger({ service: 'spec', level: 'info' }, { write: (line) => void lines.push(line) });
const last = (): Record<string, unknown> => JSON.parse(lines.at(-1) ?? '{}') as Record<string, unknown>;

describe('createLogger', () => {
  let telemetry: Telemetry;
  beforeAll(() => {
    telemetry = startTelemetry({ service: 'spec', version: '0' });
  });
  afterAll(() => telemetry.shutdown());

  it('writes one JSON object a line, with the service, the level by name and an ISO time', () => {
    logger.info({ topic: 't' }, 'hello');
    expect(last()).toMatchObject({ service: 'spec', level: 'info', topic: 't', msg: 'hello' });
    expect(last()['time']).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  });

  it('names the active span, and none outside of one', async () => {
    const ids = await inSpan('work', {}, async (span) => {
      await Promise.resolve();
      logger.info('inside');
      return span.spanContext();
    });
    expect(last()).toMatchObject({ trace_id: ids.traceId, span_id: ids.spanId });
    logger.info('outside');
    expect(last()).not.toHaveProperty('trace_id');
  });

  it('hides secrets in fields, messages, children and errors', () => {
    logger.child({ token: 'hush' }).info({ password: 'hush' }, 'to redis://u:hush@h');
    logger.error(new Error('at postgres://u:hush@h/d'));
    logger.error(
      { err: new Error('refused', { cause: new Error('postgres://u:hush@h') }) },
      'again %s',
      'a://u:hush@h',
    );
    expect(lines.join()).not.toContain('hush');
    expect(last()['err']).toMatchObject({ type: 'Error', message: 'refused' });
  });

  it('writes nothing below its level', () => {
    const before = lines.length;
    logger.debug('quiet');
    expect(lines).toHaveLength(before);
  });
});

import { counter, gauge, histogram, metricsPage, startMetrics } from './metrics.js';

describe('metrics', () => {
  it('gives the same metric for the same name, with the label service on each', async () => {
    startMetrics('spec');
    startMetrics('spec');
    counter({ name: 'seen_total', help: 'seen', labelNames: ['kind'] }).inc({ kind: 'a' });
    counter({ name: 'seen_total', help: 'seen', labelNames: ['kind'] }).inc({ kind: 'a' }, 2);
    histogram({ name: 'took_seconds', help: 'took', buckets: [1] }).observe(0.5);
    const { contentType, body } = await metricsPage();
    expect(contentType).toContain('text/plain');
    expect(body).toContain('seen_total{kind="a",service="spec"} 3');
    expect(body).toContain('took_seconds_bucket{le="1",service="spec"} 1');
    expect(body).toContain('process_cpu_user_seconds_total{service="spec"}');
  });

  it('refuses a name that another kind of metric has', () => {
    counter({ name: 'twice_total', help: 'x' });
    expect(() => gauge({ name: 'twice_total', help: 'x' })).toThrow(
      'metric twice_total exists already and is no gauge',
    );
  });
});

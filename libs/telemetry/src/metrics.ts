import {
  collectDefaultMetrics,
  Counter,
  type CounterConfiguration,
  Gauge,
  type GaugeConfiguration,
  Histogram,
  type HistogramConfiguration,
  Registry,
} from 'prom-client';

export type { Counter, Gauge, Histogram } from 'prom-client';

/** The one registry of this process; `/metrics` shows what is in it. */
export const registry = new Registry();

/** Labels every metric with the service and adds the process' own (CPU, memory, event loop, garbage collection). */
export function startMetrics(service: string): void {
  registry.setDefaultLabels({ service });
  if (!registry.getSingleMetric('process_cpu_user_seconds_total'))
    collectDefaultMetrics({ register: registry });
}

/** What `/metrics` answers. */
export async function metricsPage(): Promise<{ contentType: string; body: string }> {
  return { contentType: registry.contentType, body: await registry.metrics() };
}

/** The counter of that name: made at the first call, the same one after. */
export const counter = <L extends string>(config: CounterConfiguration<L>): Counter<L> =>
  registered(config.name, Counter<L>, () => new Counter({ ...config, registers: [registry] }));

/** The gauge of that name: made at the first call, the same one after. */
export const gauge = <L extends string>(config: GaugeConfiguration<L>): Gauge<L> =>
  registered(config.name, Gauge<L>, () => new Gauge({ ...config, registers: [registry] }));

/** The histogram of that name: made at the first call, the same one after. */
export const histogram = <L extends string>(config: HistogramConfiguration<L>): Histogram<L> =>
  registered(config.name, Histogram<L>, () => new Histogram({ ...config, registers: [registry] }));

function registered<M>(name: string, kind: abstract new (...args: never[]) => M, create: () => M): M {
  const metric: unknown = registry.getSingleMetric(name);
  if (metric === undefined) return create();
  if (metric instanceof kind) return metric;
  throw new Error(`metric ${name} exists already and is no ${kind.name.toLowerCase()}: choose another name`);
}

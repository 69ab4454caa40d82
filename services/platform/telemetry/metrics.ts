import { monitorEventLoopDelay } from 'node:perf_hooks';
import { AggregatorRegistry, collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import { METRICS, SEGMENT_LABELS_MAX, type AnyMetric } from './metrics-list.ts';

type Declarations = typeof METRICS;
type LabelsOf<M extends AnyMetric> = Readonly<Record<M['labels'][number], string | number>>;

/** Cells are found once and kept: `at` hashes its labels, adding to a cell does not. */
interface Count<L> {
  at(labels: L): { add(by: number): void };
}
interface Level<L> {
  at(labels: L): { set(value: number): void };
  /** Takes the series away, as when a task has moved elsewhere. */
  forget(labels: L): void;
}
interface Spread {
  observe(value: number): void;
}

type Instrument<M extends AnyMetric> = M['kind'] extends 'counter'
  ? Count<LabelsOf<M>>
  : M['kind'] extends 'gauge'
    ? Level<LabelsOf<M>>
    : Spread;

type Instruments = { readonly [K in keyof Declarations]: Instrument<Declarations[K]> };

/** All metrics of one process. Nothing is global: each test and each process has its own. */
export interface Metrics extends Instruments {
  /** The value of a `segment` label: the key, or `other` once 500 segments have one. */
  segmentLabel(key: string): string;
  /** Adds what another thread counted to every `render`. */
  joinedBy(values: () => Promise<MetricValues>): void;
  /** What was counted so far, to be joined elsewhere. */
  values(): Promise<MetricValues>;
  /** The text Prometheus reads, and its content type. */
  render(): Promise<{ readonly contentType: string; readonly text: string }>;
  close(): void;
}

/** Of one registry, as prom-client joins them. */
export type MetricValues = Awaited<ReturnType<Registry['getMetricsAsJSON']>>;

/** `process`: whether figures of the whole process belong to it; those of its other threads leave them out. */
export function createMetrics(about: { readonly version: string; readonly process?: boolean }): Metrics {
  const registry = new Registry();
  const instruments = Object.fromEntries(
    Object.entries<AnyMetric>(METRICS).map(([key, declared]) => [key, build(declared, registry)]),
  ) as Instruments;
  instruments.buildInfo.at({ version: about.version, node: process.versions.node }).set(1);
  if (about.process !== false) collectDefaultMetrics({ register: registry });
  const delay = monitorEventLoopDelay({ resolution: 10 });
  delay.enable();
  const named = new Set<string>();
  const others: (() => Promise<MetricValues>)[] = [];
  const sampleDelay = (): void => {
    for (const [quantile, nanoseconds] of [
      ['0.5', delay.percentile(50)],
      ['0.99', delay.percentile(99)],
      ['1', delay.max],
    ] as const) {
      instruments.eventLoopDelay.at({ quantile }).set(nanoseconds / 1e9);
    }
    delay.reset();
  };
  return {
    ...instruments,
    segmentLabel: (key) => {
      if (named.has(key)) return key;
      if (named.size >= SEGMENT_LABELS_MAX) return 'other';
      named.add(key);
      return key;
    },
    joinedBy: (values) => {
      others.push(values);
    },
    values: () => {
      sampleDelay();
      return registry.getMetricsAsJSON();
    },
    render: async () => {
      sampleDelay();
      const { contentType } = registry;
      if (others.length === 0) return { contentType, text: await registry.metrics() };
      const own = await registry.getMetricsAsJSON();
      const joined = await Promise.all(others.map((values) => values()));
      return { contentType, text: await AggregatorRegistry.aggregate([own, ...joined]).metrics() };
    },
    close: () => {
      delay.disable();
      registry.clear();
    },
  };
}

function build(declared: AnyMetric, registry: Registry): Count<object> | Level<object> | Spread {
  const { name, help, labels } = declared;
  const common = { name, help, labelNames: [...labels], registers: [registry] };
  switch (declared.kind) {
    case 'counter': {
      const counter = new Counter(common);
      return {
        at: (values) => {
          const cell = counter.labels(values as Record<string, string>);
          return { add: (by) => cell.inc(by) };
        },
      } satisfies Count<object>;
    }
    case 'gauge': {
      // Threads own different partitions; of what all of them have, the largest is the one to look at.
      const gauge = new Gauge({ ...common, aggregator: 'max' });
      return {
        at: (values) => gauge.labels(values as Record<string, string>),
        forget: (values) => gauge.remove(values as Record<string, string>),
      } satisfies Level<object>;
    }
    case 'histogram': {
      const histogram = new Histogram({ ...common, buckets: [...(declared.buckets ?? [])] });
      return { observe: (value) => histogram.observe(value) } satisfies Spread;
    }
  }
}

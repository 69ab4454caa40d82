import { monitorEventLoopDelay } from 'node:perf_hooks';
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
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
  /** The text Prometheus reads, and its content type. */
  render(): Promise<{ readonly contentType: string; readonly text: string }>;
  close(): void;
}

export function createMetrics(about: { readonly version: string }): Metrics {
  const registry = new Registry();
  const instruments = Object.fromEntries(
    Object.entries<AnyMetric>(METRICS).map(([key, declared]) => [key, build(declared, registry)]),
  ) as Instruments;
  instruments.buildInfo.at({ version: about.version, node: process.versions.node }).set(1);
  collectDefaultMetrics({ register: registry });
  const delay = monitorEventLoopDelay({ resolution: 10 });
  delay.enable();
  const named = new Set<string>();
  return {
    ...instruments,
    segmentLabel: (key) => {
      if (named.has(key)) return key;
      if (named.size >= SEGMENT_LABELS_MAX) return 'other';
      named.add(key);
      return key;
    },
    render: async () => {
      for (const [quantile, nanoseconds] of [
        ['0.5', delay.percentile(50)],
        ['0.99', delay.percentile(99)],
        ['1', delay.max],
      ] as const) {
        instruments.eventLoopDelay.at({ quantile }).set(nanoseconds / 1e9);
      }
      delay.reset();
      return { contentType: registry.contentType, text: await registry.metrics() };
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
      const gauge = new Gauge(common);
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

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createMetrics, type Metrics } from '../../../services/platform/telemetry/metrics.ts';
import { METRICS, SEGMENT_LABELS_MAX, type AnyMetric } from '../../../services/platform/telemetry/metrics-list.ts';

let metrics: Metrics;
beforeEach(() => {
  metrics = createMetrics({ version: '1.2.3' });
});
afterEach(() => metrics.close());

describe('the list of metrics', () => {
  it('follows the conventions: prefix, base unit, `_total` on counters and only there', () => {
    for (const { name, kind, help, labels } of Object.values<AnyMetric>(METRICS)) {
      expect(name).toMatch(/^tributary_[a-z_]+$/);
      expect(name.endsWith('_total')).toBe(kind === 'counter');
      expect(help).toMatch(/\.$/);
      expect(labels).not.toContain('customer');
      if (kind === 'histogram') expect(name).toMatch(/_seconds$/);
    }
  });

  it('has each name once', () => {
    const names = Object.values<AnyMetric>(METRICS).map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
  });
});

describe('the metrics', () => {
  it('count, set and observe, and come out as Prometheus reads them', async () => {
    const cell = metrics.changes.at({ segment: 'vip', change: 'entered' });
    cell.add(2);
    cell.add(3);
    metrics.lagRecords.at({ topic: 'customer.purchases.v1', partition: 3 }).set(17);
    metrics.transaction.observe(0.004);
    metrics.late.at({}).add(1);
    const { text, contentType } = await metrics.render();
    expect(contentType).toContain('text/plain');
    expect(text).toContain('tributary_changes_total{segment="vip",change="entered"} 5');
    expect(text).toContain('tributary_processor_lag_records{topic="customer.purchases.v1",partition="3"} 17');
    expect(text).toContain('tributary_transaction_seconds_bucket{le="0.005"} 1');
    expect(text).toContain('tributary_late_total 1');
    expect(text).toMatch(/tributary_build_info\{version="1\.2\.3",node="[\d.]+"\} 1/);
    expect(text).toMatch(/tributary_event_loop_delay_seconds\{quantile="0\.99"\} [\d.e-]+/);
    expect(text).toContain('process_resident_memory_bytes');
  });

  it('take the series of a task away when it has moved', async () => {
    metrics.lagSeconds.at({ partition: 1 }).set(4);
    metrics.lagSeconds.forget({ partition: 1 });
    const { text } = await metrics.render();
    expect(text).not.toContain('tributary_processor_lag_seconds{');
  });

  it('name at most 500 segments and count the others together', () => {
    for (let index = 0; index < SEGMENT_LABELS_MAX; index++)
      expect(metrics.segmentLabel(`s${index}`)).toBe(`s${index}`);
    expect(metrics.segmentLabel('one-more')).toBe('other');
    expect(metrics.segmentLabel('s7')).toBe('s7');
  });

  it('belong to one process object: two do not see each other', async () => {
    const others = createMetrics({ version: '1' });
    others.duplicates.at({}).add(9);
    const { text } = await metrics.render();
    others.close();
    expect(text).not.toContain('tributary_duplicate_total 9');
  });
});

import { beforeEach, describe, expect, it } from 'vitest';
import { Fault } from '../../../services/core/faults.ts';
import { Health } from '../../../services/platform/telemetry/health.ts';

let now: number;
let health: Health;
beforeEach(() => {
  now = 1_000;
  health = new Health(() => now);
});

const AWAY = new Fault('CLICKHOUSE_UNAVAILABLE', 'No answer');

describe('health', () => {
  it('is starting until every required dependency says ok (H2)', () => {
    const log = health.dependency('log', { required: true });
    expect(health.report()).toMatchObject({ status: 'starting', ready: false, live: true });
    log.ok();
    expect(health.report()).toMatchObject({ status: 'ok', ready: true });
  });

  it('stays ready and says degraded while ClickHouse is away (H2)', () => {
    health.dependency('log', { required: true }).ok();
    health.dependency('clickhouse', { required: false }).failed(AWAY);
    const report = health.report();
    expect(report).toMatchObject({ status: 'degraded', ready: true });
    expect(report.dependencies[1]!.fault).toEqual({ code: 'CLICKHOUSE_UNAVAILABLE', next: AWAY.next });
  });

  it('says how old each state is, and when it was last ok (H3)', () => {
    const ledger = health.dependency('ledger', { required: false });
    ledger.ok();
    now += 40;
    ledger.ok();
    now += 60;
    ledger.degraded(AWAY);
    now += 5;
    expect(health.report().dependencies[0]).toMatchObject({ condition: 'degraded', ageMs: 5, lastOkAgeMs: 65 });
  });

  it('is not live when a watchdog goes hungry, and says which (H1)', () => {
    const dog = health.watchdog('task 3', 500);
    now += 500;
    expect(health.report().live).toBe(true);
    now += 1;
    expect(health.report()).toMatchObject({ live: false, status: 'failed', silent: ['task 3'] });
    dog.feed();
    expect(health.report().live).toBe(true);
    now += 1_000;
    dog.end();
    expect(health.report().live).toBe(true);
  });

  it('reads figures when it reports', () => {
    let lag = 3;
    health.figure('lagRecords', () => lag);
    lag = 4;
    expect(health.report().figures).toEqual({ lagRecords: 4 });
  });
});

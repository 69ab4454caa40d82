import { beforeAll, expect, test } from 'vitest';
import { INPUTS } from '../../../services/core/domain/events/header.ts';
import type { Interaction } from '../../../services/core/domain/events/interaction.ts';
import { demoAbout } from '../../../services/ingest/demo/about.ts';
import { assign, SURVEY_DAYS } from '../../../services/ingest/demo/assignment.ts';
import { demoHistory, type DemoHistory } from '../../../services/ingest/demo/history.ts';
import { createSimulator } from '../../../services/ingest/demo/simulator.ts';
import { localRegistry } from '../../../services/platform/registry/registry.ts';
import { RECORD_OF_INPUT } from '../../../services/platform/registry/record-schemas.ts';
import { refusalsOf } from '../../../services/platform/registry/validate.ts';

const NOW = Date.UTC(2026, 0, 15, 9, 30);
let history: DemoHistory;

beforeAll(async () => {
  history = await demoHistory({ now: NOW, seed: 1 });
});

test("the history is in time order, ends just before now, and belongs to the shop's customers alone", () => {
  const customers = new Set(history.customers.map(({ customerId }) => customerId));
  expect(customers.size).toBe(history.counts.customers);
  let last = -Infinity;
  for (const { event } of history.events) {
    if (event.occurredAt < last) expect.fail(`${event.eventId} goes back`);
    if (!customers.has(event.customerId)) expect.fail(`${event.eventId} is of ${event.customerId}`);
    last = event.occurredAt;
  }
  expect(NOW - last).toBeGreaterThan(0);
  expect(NOW - last).toBeLessThan(60_000);
});

test('counts are those of the events', () => {
  for (const input of INPUTS) {
    expect(history.events.filter((event) => event.input === input)).toHaveLength(history.counts.events[input]);
  }
  expect(new Set(history.events.map(({ input, event }) => `${input} ${event.eventId}`)).size).toBe(
    history.events.length,
  );
});

test('answers are spread over the declared days, and every part of them has some', () => {
  const days = Array.from({ length: SURVEY_DAYS / 10 }, () => 0);
  for (const { input, event } of history.events) {
    if (input === 'surveys') days[Math.floor((NOW - event.occurredAt) / 864_000_000)]!++;
  }
  expect(Math.min(...days)).toBeGreaterThan(300);
});

test('the desk is caught in the middle of its work: some issues are open, most are resolved', () => {
  const open = new Set<string>();
  let opened = 0;
  for (const { input, event } of history.events) {
    if (input !== 'interactions') continue;
    const { kind, issueId } = event;
    if (kind === 'ticket_opened') opened++;
    if (kind === 'ticket_opened' || kind === 'ticket_reopened') open.add(issueId!);
    if (kind === 'ticket_resolved') open.delete(issueId!);
  }
  expect(open.size).toBeGreaterThan(100);
  expect(open.size).toBeLessThan(opened / 10);
});

test('all steps of an issue belong to one customer and come by one channel', () => {
  const seen = new Map<string, string>();
  for (const { input, event } of history.events) {
    if (input !== 'interactions') continue;
    const { issueId, customerId, channel } = event;
    const told = `${customerId} ${channel}`;
    expect(seen.get(issueId!) ?? told).toBe(told);
    seen.set(issueId!, told);
  }
});

test('the same seed and instant give the same history', async () => {
  const print = ({ events }: DemoHistory): string =>
    events.map(({ event }) => `${event.eventId}${event.customerId}${event.occurredAt}`).join();
  expect(print(await demoHistory({ now: NOW, seed: 1 })) === print(history)).toBe(true);
});

test('another seed gives the callers other customers', () => {
  const ids = { customers: ['1', '2', '3', '4', '5'], callers: ['a', 'b', 'c'], respondents: ['r'], issues: ['i'] };
  const who = (seed: number): string[] => ids.callers.map((caller) => assign(ids, seed).customerOfCaller(caller));
  expect(who(1)).toEqual(who(1));
  expect(new Set(who(1)).size).toBe(3);
  expect(Array.from({ length: 9 }, (_, index) => who(index + 2).join()).some((other) => other !== who(1).join())).toBe(
    true,
  );
});

test('events of history and simulator fit their schemas and our rules', () => {
  const registry = localRegistry();
  const simulator = createSimulator({ customers: history.customers, seed: 1, now: NOW });
  const sample = history.events.filter((_, index) => index % 97 === 0);
  for (let count = 0; count < 3_000; count++) sample.push(simulator.next().event);
  for (const { input, event } of sample) {
    expect(refusalsOf(input, event)).toEqual([]);
    const value = registry.encode(RECORD_OF_INPUT[input], event);
    expect(registry.decodeEvent(input, value)).toEqual(event);
  }
});

test('the simulator repeats with its seed, never goes back, keeps its rate and tells its story', () => {
  const run = (seed: number, minutes: number) => {
    const simulator = createSimulator({ customers: history.customers, seed, now: NOW });
    const told: string[] = [];
    const calls = new Map<string, number>();
    let last = NOW;
    for (;;) {
      const { event, atMs } = simulator.next();
      if (atMs > NOW + minutes * 60_000) break;
      expect(atMs).toBeGreaterThanOrEqual(last);
      expect(event.event.occurredAt).toBe(atMs);
      last = atMs;
      told.push(JSON.stringify(event));
      const { kind, channel } = event.event as Interaction;
      if (kind !== 'contact' || channel !== 'phone') continue;
      calls.set(event.event.customerId, (calls.get(event.event.customerId) ?? 0) + 1);
    }
    return { told, frequent: [...calls.values()].filter((count) => count >= 3).length };
  };
  const first = run(1, 30);
  expect(run(1, 5).told).toEqual(first.told.slice(0, run(1, 5).told.length));
  expect(run(2, 5).told).not.toEqual(run(1, 5).told);
  expect(first.told.length / 1800).toBeGreaterThan(4);
  expect(first.told.length / 1800).toBeLessThan(6.5);
  expect(first.frequent).toBeGreaterThan(10);
});

test('what is said about the demo names the sets, the assignment and what is invented', () => {
  const text = demoAbout(history.counts).join('\n');
  for (const words of ['Online Retail', 'ServiceNow', 'San Francisco', 'seed', 'no finding', 'Invented', 'simulator']) {
    expect(text).toContain(words);
  }
});

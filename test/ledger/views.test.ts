import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { daysOf, naiveCrossings, naiveIssues, naiveMeasures, naiveStays, type Period, type Place } from './naive.ts';
import { DAY, definition, groupDefinition, T0 } from './records.ts';
import { GROUP, NUMBERS, SEGMENTS, shop } from './shop.ts';
import { append, openWorld, SCHEMA, settle, type World } from './world.ts';

const MINIMUM_N = 12;
const ALL_TIME: Period = { since: Date.UTC(1900, 0, 1), until: Date.UTC(2299, 11, 31) };
const { facts, changes } = shop(7, 40, 60);
const places: Place[] = facts.flatMap((of, partition) => of.map((fact, offset) => ({ fact, partition, offset })));
const stays = naiveStays(changes.flat());

let world: World;
/** Instant through which everything was read, ms UTC: where stays that last are cut off. */
let horizon: number;

beforeAll(async () => {
  world = await openWorld({ schema: { ...SCHEMA, zone: 'Europe/Berlin', minimumN: MINIMUM_N } });
  const segments = SEGMENTS.map((number) => definition(number));
  await append(world, 'definition', 0, [...segments, groupDefinition(GROUP.key)]);
  for (const partition of [0, 1]) {
    await append(world, 'fact', partition, facts[partition]!);
    await append(world, 'change', partition, changes[partition]!);
  }
  // Small batches, so that issues are recomputed many times and stays are closed in other batches than they are opened in.
  await settle(world, { bounds: { batchRows: 300, batchMs: 5, fetchBytes: 20_000, heartbeatMs: 200 } });
  // Everything after this reads one fixed state.
  const [row] = await rows<{ at: number }>(
    'SELECT toUnixTimestamp64Milli(min(fresh_as_of)) AS at FROM tributary_v1.freshness',
  );
  horizon = row!.at;
});
afterAll(() => world.close());

const rows = <Row>(sql: string): Promise<Row[]> => world.clickhouse.query<Row>(sql);
/** As the views print an instant, for comparing. */
const at = (ms: number): string => new Date(ms).toISOString().replace('T', ' ').slice(0, -1);
const berlinDay = (ms: number): string => new Date(ms).toLocaleDateString('sv-SE', { timeZone: 'Europe/Berlin' });

describe('the views', () => {
  it('show each issue as its events tell it', async () => {
    const found = await rows<Record<string, unknown>>(
      `SELECT issue_id, customer_id, toString(opened_at) AS opened_at, segments, is_open, reopened, answers, contacts, channels, escalations,
         first_response_s, resolution_s
       FROM tributary_v1.issues ORDER BY customer_id, issue_id`,
    );
    const expected = naiveIssues(places)
      .map(({ opened, ...issue }) => ({ ...issue, opened_at: at(opened) }))
      .sort((a, b) => (`${a.customer_id}|${a.issue_id}` < `${b.customer_id}|${b.issue_id}` ? -1 : 1));
    expect(expected.length).toBeGreaterThan(100);
    expect(found).toEqual(expected);
  });

  it('show each stay, open while it lasts', async () => {
    const found = await rows(
      `SELECT number, customer_id, toString(entered_at) AS entered_at, toString(exited_at) AS exited_at
       FROM tributary_v1.membership ORDER BY number, customer_id, entered_at`,
    );
    const expected = stays
      .map(({ customer, number, from, to }) => ({
        number,
        customer_id: customer,
        entered_at: at(from),
        exited_at: to === null ? null : at(to),
      }))
      .sort(
        (a, b) =>
          a.number - b.number || (`${a.customer_id}|${a.entered_at}` < `${b.customer_id}|${b.entered_at}` ? -1 : 1),
      );
    expect(found).toEqual(expected);
  });

  it('count who is in now, and at the end of each day of the workspace', async () => {
    const now = await rows('SELECT number, members, customers FROM tributary_v1.segment_sizes');
    expect(now).toEqual(
      NUMBERS.map((number) => ({
        number,
        members: stays.filter((stay) => stay.number === number && stay.to === null).length,
        customers: 40,
      })),
    );
    const daily = await rows<{ day: string; number: number; members: number }>(
      'SELECT day, number, members FROM tributary_v1.segment_size_daily',
    );
    const days = stays.map((stay) => ({
      ...stay,
      first: berlinDay(stay.from),
      last: stay.to === null ? null : berlinDay(stay.to),
    }));
    const inAt = (day: string, number: number): number =>
      days.filter((stay) => stay.number === number && stay.first <= day && (stay.last === null || stay.last > day))
        .length;
    expect(daily[0]!.day).toBe(berlinDay(Math.min(...stays.map(({ from }) => from))));
    expect(daily.at(-1)!.day).toBe(berlinDay(horizon));
    for (const { day, number, members } of daily.slice(0, 120))
      expect([day, number, members]).toEqual([day, number, inAt(day, number)]);
  });

  it('count entries and exits by day and cause', async () => {
    const found = await rows<{ day: string; number: number; cause: string; entries: number; exits: number }>(
      'SELECT day, number, cause, entries, exits FROM tributary_v1.segment_flow_daily',
    );
    const expected = new Map<string, { entries: number; exits: number }>();
    for (const { at, number, cause, entered } of naiveCrossings(changes.flat())) {
      const key = `${berlinDay(at)}|${number}|${cause}`;
      const flow = expected.get(key) ?? { entries: 0, exits: 0 };
      if (entered) flow.entries += 1;
      else flow.exits += 1;
      expected.set(key, flow);
    }
    expect(
      new Map(found.map(({ day, number, cause, entries, exits }) => [`${day}|${number}|${cause}`, { entries, exits }])),
    ).toEqual(expected);
  });

  it('count moves between the members of a group by day and cause', async () => {
    const found = await rows<Record<string, unknown>>(
      `SELECT day, group_key, member_from, member_to, number_from, number_to, cause, moves FROM tributary_v1.group_moves_daily`,
    );
    const expected = new Map<string, number>();
    for (const { effectiveAt, kind, group, from, to, fromNumber, number, cause } of changes.flat()) {
      if (kind !== 'moved') continue;
      const key = [berlinDay(effectiveAt), group, from ?? '', to, fromNumber ?? 0, number, cause].join('|');
      expected.set(key, (expected.get(key) ?? 0) + 1);
    }
    expect(expected.size).toBeGreaterThan(50);
    expect(new Map(found.map(({ moves, ...row }) => [Object.values(row).join('|'), moves]))).toEqual(expected);
  });

  it('show everybody in one member of a group at every instant', async () => {
    const numbers = NUMBERS.filter((number) => number >= GROUP.first).join(', ');
    const found = await rows<{ customers: number; open: number; gaps: number }>(
      `SELECT uniqExact(customer_id) AS customers, countIf(exited_at IS NULL) AS open, countIf(exited_at IS NOT NULL AND exited_at != next_at) AS gaps
       FROM (
         SELECT *, leadInFrame(entered_at) OVER (PARTITION BY customer_id ORDER BY entered_at ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING) AS next_at
         FROM tributary_v1.membership WHERE number IN (${numbers})
       )`,
    );
    expect(found).toEqual([{ customers: 40, open: 40, gaps: 0 }]);
  });

  it('say how long stays lasted, and how many were soon followed by another', async () => {
    const found = await rows<Record<string, number>>(
      'SELECT number, stays, p50_days, p90_days, settled, flaps, flap_rate FROM tributary_v1.segment_dwell',
    );
    const expected = NUMBERS.map((number) => {
      const own = stays.filter((stay) => stay.number === number);
      const closed = own.flatMap((stay) => (stay.to === null ? [] : [{ ...stay, to: stay.to }]));
      const days = closed.map(({ from, to }) => (to - from) / DAY).sort((a, b) => a - b);
      const flaps = closed.filter(({ customer, to }) =>
        own.some((again) => again.customer === customer && again.from >= to && again.from < to + 7 * DAY),
      );
      const at = (share: number): number => {
        const place = share * (days.length - 1);
        const low = days[Math.floor(place)]!;
        return low + (days[Math.ceil(place)]! - low) * (place - Math.floor(place));
      };
      return [
        number,
        closed.length,
        at(0.5),
        at(0.9),
        closed.length,
        flaps.length,
        (100 * flaps.length) / closed.length,
      ];
    });
    expect(expected.every(([, closed, , , , flaps]) => closed! > flaps! && flaps! > 0)).toBe(true);
    expect(found.map((row) => Object.values(row).map((value) => value.toFixed(6)))).toEqual(
      expected.map((row) => row.map((value) => value.toFixed(6))),
    );
  });

  it('say how many customers are in each two segments', async () => {
    const found = await rows<{ number: number; other_number: number; customers: number; share: number }>(
      'SELECT number, other_number, customers, share FROM tributary_v1.segment_overlap',
    );
    const membersOf = (number: number): Set<string> =>
      new Set(stays.filter((stay) => stay.number === number && stay.to === null).map(({ customer }) => customer));
    const expected = NUMBERS.flatMap((number) =>
      NUMBERS.flatMap((other) => {
        const [own, others] = [membersOf(number), membersOf(other)];
        const customers = [...own].filter((customer) => others.has(customer)).length;
        if (number === other || customers === 0) return [];
        return [{ number, other_number: other, customers, share: (100 * customers) / own.size }];
      }),
    );
    expect(expected.length).toBeGreaterThan(10);
    expect(found).toEqual(expected);
  });

  it('name the members of a group with their place in its order', async () => {
    const found = await rows(
      `SELECT number, segment, name, goal, group_key, group_name, priority, is_default, retired FROM tributary_v1.segments WHERE number > 2`,
    );
    const outside = { group_key: '', group_name: '', priority: 0, is_default: false, retired: false };
    const member = { goal: 'by what they spend', group_key: 'tier', group_name: 'Group tier', retired: false };
    expect(found).toEqual([
      { number: 3, segment: 'segment-3', name: 'Segment 3', goal: 'goal 3', ...outside },
      { number: 5, segment: 'tier/gold', name: 'Gold', ...member, priority: 1, is_default: false },
      { number: 6, segment: 'tier/silver', name: 'Silver', ...member, priority: 2, is_default: false },
      { number: 7, segment: 'tier/basic', name: 'Basic', ...member, priority: 3, is_default: true },
    ]);
  });

  it('show the set before and after each event', async () => {
    const found = await rows<{ n: number }>(
      `SELECT count() AS n FROM tributary_v1.facts WHERE arraySort(segments_after) != segments_after OR length(segments_after) > 4`,
    );
    expect(found).toEqual([{ n: 0 }]);
    const [moved] = await rows<{ n: number }>(
      'SELECT countIf(segments != segments_after) AS n FROM tributary_v1.facts',
    );
    expect(moved!.n).toBe(changes.flat().filter(({ index }) => index === 0).length);
  });

  it.each([
    ['all time', 'tributary_v1.segment_metrics', ALL_TIME],
    [
      'a week',
      `tributary_v1.segment_metrics_between(since = '${at(T0 + 8 * DAY)}', until = '${at(T0 + 15 * DAY)}')`,
      { since: T0 + 8 * DAY, until: T0 + 15 * DAY },
    ],
  ])('measure every segment against everyone and everyone else over %s', async (_, view, period) => {
    const found = await rows<Record<string, number | string | null>>(`SELECT * FROM ${view}`);
    expect(found).toHaveLength(NUMBERS.length * 10);
    const firstSeen = new Map<string, number>();
    for (const { fact } of places)
      firstSeen.set(fact.customerId, Math.min(fact.instant, firstSeen.get(fact.customerId) ?? Infinity));
    const everyoneDays = daysOf(
      [...firstSeen.values()].map((from) => ({ from, to: null })),
      period,
      horizon,
    );
    const everyone = naiveMeasures(places, period, () => true, everyoneDays);
    for (const number of NUMBERS) {
      const days = daysOf(
        stays.filter((stay) => stay.number === number),
        period,
        horizon,
      );
      const inside = naiveMeasures(places, period, (set) => set.includes(number), days);
      const outside = naiveMeasures(places, period, (set) => !set.includes(number), everyoneDays - days);
      for (const row of found.filter((candidate) => candidate['number'] === number)) {
        const metric = String(row['metric']);
        const where = `${metric} of ${number}`;
        expectMeasure(where, metric, row['n'], row['value'], inside[metric]!);
        expectMeasure(`${where}, everyone`, metric, row['everyone_n'], row['everyone'], everyone[metric]!);
        expectMeasure(`${where}, others`, metric, row['others_n'], row['others'], outside[metric]!);
      }
    }
  });

  it('give intervals that hold the value', async () => {
    const found = await rows<{ metric: string; value: number; low: number; high: number }>(
      'SELECT metric, value, low, high FROM tributary_v1.segment_metrics WHERE value IS NOT NULL AND low IS NOT NULL',
    );
    expect(new Set(found.map(({ metric }) => metric))).toEqual(
      new Set(['contact_rate', 'aov', 'csat', 'csat_mean', 'nps', 'first_response_time', 'resolution_time']),
    );
    for (const { value, low, high } of found) expect(low <= value && value <= high).toBe(true);
  });

  it('survive a restart of the engine', async () => {
    const before = await rows('SELECT * EXCEPT fresh_as_of FROM tributary_v1.segment_metrics');
    const pid = world.chdb.pid!;
    process.kill(pid, 'SIGKILL');
    let after: unknown;
    while (after === undefined) {
      after = await rows('SELECT * EXCEPT fresh_as_of FROM tributary_v1.segment_metrics').catch(() => undefined);
    }
    expect(after).toEqual(before);
  });

  it('are described: every view, and every column of those without parameters', async () => {
    const views = await rows<{ name: string; comment: string }>(
      "SELECT name, comment FROM system.tables WHERE database = 'tributary_v1'",
    );
    expect(views.filter(({ comment }) => comment === '')).toEqual([]);
    expect(views.map(({ name }) => name).sort()).toEqual([
      'changes',
      'facts',
      'freshness',
      'group_moves_daily',
      'issues',
      'membership',
      'segment_dwell',
      'segment_flow_daily',
      'segment_metrics',
      'segment_metrics_between',
      'segment_overlap',
      'segment_size_daily',
      'segment_sizes',
      'segments',
    ]);
    const columns = await rows(
      "SELECT table, name FROM system.columns WHERE database IN ('tributary', 'tributary_v1') AND comment = ''",
    );
    expect(columns).toEqual([]);
  });
});

function expectMeasure(
  where: string,
  metric: string,
  n: unknown,
  value: unknown,
  expected: { n: number; value: number | null },
): void {
  expect([where, n]).toEqual([where, expected.n]);
  const isCount = metric === 'contacts' || metric === 'orders';
  const shown = expected.n > 0 && (isCount || expected.n >= MINIMUM_N);
  if (!shown) expect([where, value]).toEqual([where, null]);
  else
    expect(
      Math.abs(Number(value) - expected.value!),
      `${where}: ${String(value)} against ${String(expected.value)}`,
    ).toBeLessThan(1e-6);
}

/** Beginnings of calendar units in a zone, found by asking the platform for the local date: what instants are drawn around. */

const HOUR_MS = 3_600_000;
const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(zone: string): Intl.DateTimeFormat {
  let format = formats.get(zone);
  if (format === undefined) {
    const parts = { year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric' } as const;
    format = new Intl.DateTimeFormat('en-u-hc-h23', { timeZone: zone, ...parts });
    formats.set(zone, format);
  }
  return format;
}

/** The local clock at an instant, as if it were UTC; to the minute. */
function localMs(instant: number, zone: string): number {
  const found = new Map(
    formatOf(zone)
      .formatToParts(instant)
      .map(({ type, value }) => [type, Number(value)]),
  );
  const part = (type: Intl.DateTimeFormatPartTypes): number => found.get(type)!;
  return Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'));
}

function midnight(local: number, zone: string): number {
  const guess = local - (localMs(local, zone) - local);
  return guess - (localMs(guess, zone) - local);
}

/** The current day's begin, the last month's, and the next beginnings of day, week, month, quarter and year. */
export function startsAround(instant: number, zone: string): readonly number[] {
  const local = new Date(localMs(instant, zone));
  const [year, month, day] = [local.getUTCFullYear(), local.getUTCMonth(), local.getUTCDate()];
  const toMonday = (8 - local.getUTCDay()) % 7 || 7;
  const dates = [
    Date.UTC(year, month, day),
    Date.UTC(year, month, 1),
    Date.UTC(year, month, day + 1),
    Date.UTC(year, month, day + toMonday),
    Date.UTC(year, month + 1, 1),
    Date.UTC(year, 3 * Math.floor(month / 3) + 3, 1),
    Date.UTC(year + 1, 0, 1),
  ];
  return dates.map((date) => midnight(date, zone));
}

/** Where a history may begin so that something odd comes soon: clock changes, a leap day, ends of months, quarters and years. */
export const STARTS: readonly number[] = [
  Date.UTC(2026, 0, 1),
  Date.UTC(2026, 0, 1),
  Date.UTC(2026, 2, 7, 12),
  Date.UTC(2026, 2, 28, 12),
  Date.UTC(2026, 3, 4, 2),
  Date.UTC(2026, 9, 3, 4),
  Date.UTC(2026, 9, 24, 12),
  Date.UTC(2026, 9, 31, 18),
  Date.UTC(2024, 1, 27, 20),
  Date.UTC(2025, 11, 30),
  Date.UTC(2026, 5, 29) + HOUR_MS / 2,
];

/** Durations are exact milliseconds. Calendar units (a month, a year) are not durations and do not parse as one. */
const SECOND_MS = 1000;
export const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;

/** Beyond this an instant is no date, ms UTC either way. */
export const INSTANT_MAX = 8.64e15;

const UNIT_MS: Readonly<Record<string, number>> = {
  ms: 1,
  s: SECOND_MS,
  min: MINUTE_MS,
  h: HOUR_MS,
  d: DAY_MS,
  w: 7 * DAY_MS,
};

/** `90s`, `45min`, `12h`, `30d`, `2w` → milliseconds; undefined when it is no duration. */
export function parseDuration(text: string): number | undefined {
  const match = /^([0-9]{1,12})(ms|s|min|h|d|w)$/.exec(text);
  if (match === null) return undefined;
  const ms = Number(match[1]) * UNIT_MS[match[2]!]!;
  return Number.isSafeInteger(ms) ? ms : undefined;
}

/** For sentences: `30 days`, `1 hour`, `45 minutes`; rounded down to the two largest units, so never "0". */
export function durationInWords(ms: number): string {
  if (ms < 0) return `minus ${durationInWords(-ms)}`;
  const parts: string[] = [];
  let rest = ms;
  for (const [size, name] of [
    [DAY_MS, 'day'],
    [HOUR_MS, 'hour'],
    [MINUTE_MS, 'minute'],
    [SECOND_MS, 'second'],
    [1, 'millisecond'],
  ] as const) {
    const count = Math.floor(rest / size);
    if (count === 0) {
      if (parts.length > 0) break;
      continue;
    }
    parts.push(`${count} ${name}${count === 1 ? '' : 's'}`);
    rest -= count * size;
    if (parts.length === 2) break;
  }
  return parts.length === 0 ? '0 seconds' : parts.join(' ');
}

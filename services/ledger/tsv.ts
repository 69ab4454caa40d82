/**
 * Cells of TabSeparated, written as text. Rows are concatenated strings because that is the cheapest thing to build per
 * record: no object, no key, no quoting.
 */

/** Anything ClickHouse would take for a separator or an escape. */

const SPECIAL = /[\\\t\n\r\0]/;
const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r', '\0': '\\0' };

export const NULL = '\\N';

/** A string; null as the empty one. */
export function text(value: string | null): string {
  if (value === null) return '';

  return SPECIAL.test(value) ? value.replaceAll(/[\\\t\n\r\0]/g, (character) => ESCAPES[character]!) : value;
}

export function integer(value: number | null): string {
  return value === null ? NULL : String(value);
}

export function flag(value: boolean | null): string {
  return value === null ? NULL : value ? '1' : '0';
}

export function integers(values: readonly number[]): string {
  return values.length === 0 ? '[]' : `[${values.join(',')}]`;
}

export function texts(values: readonly string[]): string {
  if (values.length === 0) return '[]';
  // Within an array a string stands in quotes; its escapes are the same.
  return `[${values.map((value) => `'${text(value).replaceAll("'", "\\'")}'`).join(',')}]`;
}

/** Bounds of DateTime64(3). */
const EARLIEST_MS = Date.UTC(1900, 0, 1);
export const LATEST_MS = Date.UTC(2299, 11, 31, 23, 59, 59, 999);
/** Between these ClickHouse reads a bare number as milliseconds; fewer digits would be seconds, more a date. */
const BARE_MS_MIN = 9_908_870_400;
const BARE_MS_MAX = 9_999_999_999_999;

/** An instant, ms UTC; beyond the years ClickHouse knows, the nearer end. */
export function instant(ms: number): string {
  if (ms >= BARE_MS_MIN && ms <= BARE_MS_MAX) return String(ms);
  const within = Math.min(LATEST_MS, Math.max(EARLIEST_MS, ms));
  return new Date(within).toISOString().replace('T', ' ').slice(0, -1);
}

export function instantOrNull(ms: number | null): string {
  return ms === null ? NULL : instant(ms);
}

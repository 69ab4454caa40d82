/** Amounts as people write them: `500`, `500 ms`, `7d`, `24h`, `900 KB`, `1 MiB`. */

const DURATIONS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  min: 60_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

const SIZES: Readonly<Record<string, number>> = {
  b: 1,
  kb: 1_000,
  mb: 1_000_000,
  gb: 1_000_000_000,
  kib: 1024,
  mib: 1024 ** 2,
  gib: 1024 ** 3,
};

/** The amount in the unit (ms or bytes), or undefined when the words are not an amount of it. */
export function parseAmount(words: string, unit: string | null): number | undefined {
  const match = /^([+-]?[0-9][0-9_]*(?:\.[0-9]+)?)\s*([A-Za-z]*)$/.exec(words.trim());
  if (match === null) return undefined;
  const amount = Number(match[1]!.replaceAll('_', ''));
  const suffix = match[2]!.toLowerCase();
  if (suffix === '') return amount;
  const table = unit === 'ms' ? DURATIONS : unit === 'bytes' ? SIZES : {};
  const factor = Object.hasOwn(table, suffix) ? table[suffix] : undefined;
  return factor === undefined ? undefined : amount * factor;
}

/** A duration in its largest whole unit: 604800000 → `7 d`. */
export function formatDuration(ms: number): string {
  for (const [suffix, factor] of [
    ['d', DURATIONS['d']!],
    ['h', DURATIONS['h']!],
    ['min', DURATIONS['min']!],
    ['s', 1_000],
  ] as const) {
    if (ms !== 0 && ms % factor === 0) return `${ms / factor} ${suffix}`;
  }
  return `${ms} ms`;
}

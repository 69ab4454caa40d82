/** Measures of the newest events, and of the oldest: order decides, not age. */
import type { Measure } from '../language/ast.ts';
import type { Ends } from '../series/ends.ts';
import type { Tape, TapeValue } from '../series/tape.ts';
import type { View } from './operator.ts';
import { never, type Quantity } from './quantity.ts';
import { plus, times, type Reading, type Whole } from './reading.ts';

type Of<K extends Measure['kind']> = Extract<Measure, { kind: K }>;

/**
 * Index of the n-th newest event on a tape, if it is certain to be that and lies in (at − withinMs, at]; else −1. Nothing newer
 * than an entry is ever missing from a tape itself, so only the feed matters.
 */
export function nthNewest(
  tape: Tape | undefined,
  feed: number,
  n: number,
  withinMs: number | null,
  at: number,
): number {
  const index = (tape?.times.length ?? 0) - n;
  if (index < 0) return -1;
  const instant = tape!.times[index]!;
  return instant < feed || (withinMs !== null && instant <= at - withinMs) ? -1 : index;
}

/** When an n-th newest event becomes too old to be one. */
export function nthNewestEdge(tape: Tape | undefined, n: number, withinMs: number | null, after: number): number {
  const instant = withinMs === null ? undefined : tape?.times[tape.times.length - n];
  return instant !== undefined && instant + withinMs! > after ? instant + withinMs! : Infinity;
}

/**
 * Index from which the newest n entries lie, all of them where there are fewer; −1 where others may belong to them. Fewer are all
 * there ever were only if nothing was missed or dropped.
 */
export function newestStart(tape: Tape | undefined, feed: number, n: number): number {
  const size = tape?.times.length ?? 0;
  if (size >= n) return tape!.times[size - n]! >= feed ? size - n : -1;
  return feed === -Infinity && (tape?.completeFrom ?? -Infinity) === -Infinity ? 0 : -1;
}

export function nthLast(measure: Of<'last' | 'nthLast'>, place: number): Quantity {
  const { of, withinMs } = measure;
  const n = measure.kind === 'last' ? 1 : measure.n;
  return {
    perUnit: of.scale,
    read(customer, at, out) {
      const tape = customer.series(place) as Tape | undefined;
      const index = nthNewest(tape, customer.wholeFrom(place), n, withinMs, at);
      fillNumber(out, index < 0 ? null : (tape!.values[index] ?? null));
    },
    nextEdge: (customer, after) => nthNewestEdge(customer.series(place) as Tape | undefined, n, withinMs, after),
  };
}

export function firstEver({ of }: Of<'first'>, place: number): Quantity {
  return {
    perUnit: of.scale,
    read(customer, _at, out) {
      fillNumber(out, firstValue(customer, place));
    },
    nextEdge: never,
  };
}

/** Of the oldest event; null unless the feed is whole for life. */
export function firstValue(customer: View, place: number): TapeValue {
  const ends = customer.series(place) as Ends | undefined;
  return ends === undefined || customer.wholeFrom(place) > -Infinity ? null : ends.value;
}

function fillNumber(out: Reading, value: TapeValue): void {
  if (typeof value === 'number') out.exactly(value);
  else out.none();
}

export function ofNewest(
  { kind, of, n, atLeastValues }: Of<'averageLast' | 'sumLast' | 'minLast' | 'maxLast'>,
  place: number,
): Quantity {
  return {
    perUnit: kind === 'averageLast' ? 1000 : of.scale,
    read(customer, _at, out) {
      out.none();
      const tape = customer.series(place) as Tape | undefined;
      const start = newestStart(tape, customer.wholeFrom(place), n);
      const count = tape === undefined || start < 0 ? 0 : tape.times.length - start;
      if (tape === undefined || count < Math.max(1, atLeastValues)) return;
      const end = start + count;
      if (kind === 'averageLast') out.exactly(times(sumOf(tape, start, end), 1000), count * of.scale);
      else if (kind === 'sumLast') out.exactly(sumOf(tape, start, end));
      else out.exactly(extremeOf(tape, start, kind === 'minLast'));
    },
    nextEdge: never,
  };
}

/** The average of the newest n numbers less that of the n before them. */
export function trendLast({ of, n }: Of<'trendLast'>, place: number): Quantity {
  return {
    perUnit: 1000,
    read(customer, _at, out) {
      out.none();
      const tape = customer.series(place) as Tape | undefined;
      const start = newestStart(tape, customer.wholeFrom(place), 2 * n);
      if (tape === undefined || start < 0 || tape.times.length - start < 2 * n) return;
      const before = sumOf(tape, start, start + n);
      const difference = plus(sumOf(tape, start + n, start + 2 * n), times(before, -1));
      out.exactly(times(difference, 1000), n * of.scale);
    },
    nextEdge: never,
  };
}

function sumOf(tape: Tape, start: number, end: number): Whole {
  let sum: Whole = 0;
  for (let i = start; i < end; i++) sum = plus(sum, tape.values[i] as number);
  return sum;
}

function extremeOf(tape: Tape, start: number, least: boolean): number {
  let found = tape.values[start] as number;
  for (let i = start + 1; i < tape.values.length; i++) {
    const value = tape.values[i] as number;
    found = least ? Math.min(found, value) : Math.max(found, value);
  }
  return found;
}

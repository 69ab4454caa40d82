/** Sets of numbers that a comparison lets pass, as one interval and the numbers left out of it. */
import type { Comparator } from '../ast.ts';

export interface Range {
  readonly low: number;
  readonly high: number;
  readonly lowOpen: boolean;
  readonly highOpen: boolean;
  readonly without: readonly number[];
}

export const EVERYTHING: Range = { low: -Infinity, high: Infinity, lowOpen: false, highOpen: false, without: [] };

/** `whole`: only whole numbers occur, so more than 2 is at least 3. */
export function passing(op: Comparator, value: number, whole: boolean): Range {
  switch (op) {
    case 'atLeast':
      return { ...EVERYTHING, low: value };
    case 'atMost':
      return { ...EVERYTHING, high: value };
    case 'moreThan':
      return whole ? { ...EVERYTHING, low: Math.floor(value) + 1 } : { ...EVERYTHING, low: value, lowOpen: true };
    case 'lessThan':
      return whole ? { ...EVERYTHING, high: Math.ceil(value) - 1 } : { ...EVERYTHING, high: value, highOpen: true };
    case 'equals':
      return { ...EVERYTHING, low: value, high: value };
    case 'notEquals':
      return { ...EVERYTHING, without: [value] };
  }
}

const OPPOSITE: Readonly<Record<Comparator, Comparator>> = {
  atLeast: 'lessThan',
  atMost: 'moreThan',
  moreThan: 'atMost',
  lessThan: 'atLeast',
  equals: 'notEquals',
  notEquals: 'equals',
};

/** What a comparison does not let pass is what its opposite lets. */
export function opposite(op: Comparator): Comparator {
  return OPPOSITE[op];
}

export function both(a: Range, b: Range): Range {
  const low = Math.max(a.low, b.low);
  const high = Math.min(a.high, b.high);
  return {
    low,
    high,
    lowOpen: [a, b].some((one) => one.low === low && one.lowOpen),
    highOpen: [a, b].some((one) => one.high === high && one.highOpen),
    without: [...a.without, ...b.without],
  };
}

export function isEmpty({ low, high, lowOpen, highOpen, without }: Range): boolean {
  if (low > high) return true;
  return low === high && (lowOpen || highOpen || without.includes(low));
}

/** Whether everything in `a` is in `b`. */
export function isWithin(a: Range, b: Range): boolean {
  if (isEmpty(a)) return true;
  const lowFits = a.low > b.low || (a.low === b.low && (a.lowOpen || !b.lowOpen));
  const highFits = a.high < b.high || (a.high === b.high && (a.highOpen || !b.highOpen));
  return (
    lowFits &&
    highFits &&
    b.without.every((one) => a.without.includes(one) || isEmpty(both(a, { ...EVERYTHING, low: one, high: one })))
  );
}

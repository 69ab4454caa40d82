/**
 * Comparisons of numbers: one comparator, its threshold in the integers that decide, or another side. `between`, `in` and `notIn`
 * are written for several comparisons and become them.
 */
import { parseDuration } from '../../time/duration.ts';
import type { Comparator, Condition, LeafCondition, Measure, NumberTest, Operand } from '../ast.ts';
import { formOfMeasure, isAge, isDuration, measureScale } from '../measure-units.ts';
import { measureEntry } from './measures.ts';
import type { Entry, Parsing, Path } from './parsing.ts';
import { numericTrait } from './trait-names.ts';

const COMPARATORS: readonly Comparator[] = ['atLeast', 'atMost', 'moreThan', 'lessThan', 'equals', 'notEquals'];
const SUGAR = ['between', 'in', 'notIn'] as const;

/** What a threshold may be written as. */
export interface Unit {
  readonly scale: 1 | 1000;
  /** Nothing but a duration makes sense … */
  readonly duration: boolean;
  /** … or one does as well as the number of milliseconds. */
  readonly ms: boolean;
  readonly percent: boolean;
  /** Thresholds are told as differences to 1. */
  readonly change: boolean;
}

export const SCORE_UNIT: Unit = { scale: 1000, duration: false, ms: false, percent: true, change: false };

export function unitOf(measure: Measure): Unit {
  const ratio = measure.kind === 'ratio';
  return {
    scale: measureScale(measure),
    duration: isDuration(measure),
    ms: formOfMeasure(measure) === 'duration',
    percent: ratio,
    change: ratio && measure.form === 'change',
  };
}

type Leaf = (test: NumberTest) => LeafCondition;

/** The condition an entry makes of a number. `alone`: what is meant when nothing is asked. */
export function numberCondition(
  p: Parsing,
  entry: Entry,
  unit: Unit,
  path: Path,
  leaf: Leaf,
  alone?: NumberTest,
): Condition {
  const given = [...COMPARATORS, ...SUGAR].filter((op) => entry[op] !== undefined);
  const [op] = given;
  if (op === undefined && alone !== undefined) return leaf(alone);
  if (op === undefined || given.length > 1) {
    p.mistake(
      path,
      op === undefined
        ? `needs one of ${COMPARATORS.join(', ')}`
        : `has ${given.join(' and ')}; join two conditions with all`,
    );
    return leaf({ op: 'atLeast', value: 0 });
  }
  const test = (comparator: Comparator, raw: unknown): LeafCondition =>
    leaf({ op: comparator, ...threshold(p, raw, unit, [...path, op]) });
  const values = entry[op] as readonly unknown[];
  if (op === 'between') return between(p, values, test, [...path, op]);
  if (op === 'in') return joined('any', values, (raw) => test('equals', raw));
  if (op === 'notIn') return joined('all', values, (raw) => test('notEquals', raw));
  return test(op, values);
}

function between(
  p: Parsing,
  [low, high]: readonly unknown[],
  test: (op: Comparator, raw: unknown) => LeafCondition,
  path: Path,
): Condition {
  if (typeof low === 'number' && typeof high === 'number' && low > high)
    p.mistake(path, `nothing lies between ${low} and ${high}`);
  return { kind: 'all', of: [test('atLeast', low), test('atMost', high)] };
}

function joined(kind: 'all' | 'any', values: readonly unknown[], test: (raw: unknown) => Condition): Condition {
  const [only, ...more] = values.map(test);
  return only !== undefined && more.length === 0 ? only : { kind, of: values.map(test) };
}

type Threshold = Pick<NumberTest, 'value'> | Pick<NumberTest, 'value' | 'against'>;

function threshold(p: Parsing, raw: unknown, unit: Unit, path: Path): Threshold {
  if (typeof raw === 'object' && raw !== null) {
    if (unit.change) p.mistake(path, 'a change is compared with a number or a percentage');
    const against = operand(p, raw as Entry, unit, path);
    return against === undefined ? { value: 0 } : { value: 0, against };
  }
  if (unit.duration || (unit.ms && typeof raw === 'string')) {
    const ms = typeof raw === 'string' ? parseDuration(raw) : undefined;
    if (ms === undefined) p.mistake(path, 'expected a duration such as 30d');
    else p.stay(raw as string, path);
    return { value: ms ?? 0 };
  }
  if (typeof raw === 'string' && unit.percent && raw.endsWith('%'))
    return { value: (unit.change ? 1000 : 0) + scaled(p, Number(raw.slice(0, -1)), 10, 'one decimal', path) };
  if (typeof raw !== 'number') {
    p.mistake(path, unit.percent ? 'expected a number or a percentage such as 50%' : 'expected a number');
    return { value: 0 };
  }
  return { value: (unit.change ? 1000 : 0) + scaled(p, raw, unit.scale, 'three decimals', path) };
}

function scaled(p: Parsing, raw: number, scale: number, decimals: string, path: Path): number {
  const value = Math.round(raw * scale);
  if (!Number.isSafeInteger(value) || Math.abs(value / scale - raw) > 1e-9)
    p.mistake(path, scale === 1 ? 'expected a whole number' : `expected a number with at most ${decimals}`);
  return value === 0 ? 0 : value;
}

function operand(p: Parsing, raw: Entry, unit: Unit, path: Path): Operand | undefined {
  if ('cut' in raw) {
    return { kind: 'cut', table: raw['cut'] as string, percentile: raw['p'] as number, plus: 0 };
  }
  const times = scaled(p, (raw['times'] as number | undefined) ?? 1, 1000, 'three decimals', [...path, 'times']);
  if (times < 1) p.mistake([...path, 'times'], 'must be at least 0.001');
  if ('trait' in raw) {
    const trait = raw['trait'] as string;
    numericTrait(p, trait, [...path, 'trait']);
    if (unit.duration) p.mistake([...path, 'trait'], 'a duration is compared with a duration, a measure or a cut-off');
    return { kind: 'trait', trait, times };
  }
  const measure = measureEntry(p, raw['measure'] as Entry, [...path, 'measure']);
  if (measure === undefined) return undefined;
  if (isDuration(measure) !== unit.duration)
    p.mistake(
      [...path, 'measure'],
      unit.duration ? 'expected a measure of time' : 'a time is compared with a time only',
    );
  if (measure.kind === 'ratio' && [measure.top, measure.bottom].some(isAge))
    p.mistake([...path, 'measure'], 'a ratio of times that grow by themselves can be compared with a constant only');
  return { kind: 'measure', measure, times };
}

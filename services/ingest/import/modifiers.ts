/** What is done to a value once it is read, always in the same order: strip, case, missing, table, otherwise, split, then date or number. */
import { DAY_MS } from '../../core/domain/time/duration.ts';
import { compileDateFormat, type DateReader } from './date-format.ts';
import { parseDecimal, toMinor, toNumber } from './decimal.ts';
import { Refusal, type Environment } from './environment.ts';
import type { Scalar, ValueSpec } from './mapping.ts';
import type { Path } from './mistakes.ts';
import { isDecimal, textOf, type CompiledValue, type Value } from './cell-value.ts';

type Step = (value: Value) => Value | undefined;

export function compileModifiers(
  raw: CompiledValue,
  spec: ValueSpec,
  path: Path,
  env: Environment,
): CompiledValue['of'] {
  const steps = [...textSteps(spec), ...tableStep(spec, raw.column, path, env)];
  const otherwise = spec.otherwise ?? undefined;
  const last = lastSteps(spec, raw.column, path, env);
  if (steps.length === 0 && last.length === 0 && otherwise === undefined) return raw.of;
  return (context) => {
    let value = raw.of(context);
    for (const step of steps) if (value !== undefined) value = step(value);
    value ??= otherwise;
    for (const step of last) if (value !== undefined) value = step(value);
    return value;
  };
}

function textSteps(spec: ValueSpec): Step[] {
  const steps: Step[] = [];
  const { stripPrefix, stripSuffix, case: letters } = spec;
  const textStep = (change: (text: string) => string | undefined): void => {
    steps.push((value) => (typeof value === 'object' ? value : change(textOf(value))));
  };
  if (stripPrefix !== undefined) {
    textStep((text) => (text.startsWith(stripPrefix) ? text.slice(stripPrefix.length).trim() : text));
  }
  if (stripSuffix !== undefined) {
    textStep((text) => (text.endsWith(stripSuffix) ? text.slice(0, -stripSuffix.length).trim() : text));
  }
  if (letters !== undefined) textStep((text) => (letters === 'lower' ? text.toLowerCase() : text.toUpperCase()));
  if (spec.missing !== undefined) {
    const missing = new Set(spec.missing);
    textStep((text) => (missing.has(text) ? undefined : text));
  }
  return steps;
}

/** A value the table does not have is refused, unless the table has an entry `*`; an entry null makes it missing. */
function tableStep(spec: ValueSpec, column: string, path: Path, env: Environment): Step[] {
  if (spec.table === undefined) return [];
  const entries = typeof spec.table === 'string' ? env.mapping.tables[spec.table] : spec.table;
  if (entries === undefined) {
    env.mistakes.add([...path, 'table'], `there is no table ${JSON.stringify(spec.table)} under tables`);
    return [];
  }
  const table = new Map(Object.entries(entries));
  const name = typeof spec.table === 'string' ? `table ${spec.table}` : 'its table';
  const fallback: Scalar | undefined = table.get('*');
  return [
    (value) => {
      const text = textOf(value);
      const found = table.has(text) ? table.get(text) : fallback;
      if (found === undefined) throw new Refusal(column, `"${text}" is not in ${name}`);
      return found ?? undefined;
    },
  ];
}

function lastSteps(spec: ValueSpec, column: string, path: Path, env: Environment): Step[] {
  const { split, decimals } = spec;
  if (split !== undefined) {
    return [
      (value) => [
        ...new Set(
          textOf(value)
            .split(split)
            .map((one) => one.trim())
            .filter((one) => one !== ''),
        ),
      ],
    ];
  }
  if (spec.date !== undefined) return dateStep(spec, spec.date, column, path, env);
  for (const [needing, option] of [
    ['zone', spec.zone],
    ['time', spec.time],
  ] as const) {
    if (option !== undefined) env.mistakes.add([...path, needing], `${needing} goes with date`);
  }
  if (decimals !== undefined) {
    return [
      (value) => {
        const number = isDecimal(value) ? value : parseDecimal(textOf(value), env.numbers);
        const minor = number === undefined ? undefined : toMinor(number, decimals);
        if (minor === undefined) throw new Refusal(column, `"${textOf(value)}" is not an amount`);
        return minor;
      },
    ];
  }
  return spec.as === undefined ? [] : [(value) => converted(value, spec.as!, column, env)];
}

function converted(value: Value, as: NonNullable<ValueSpec['as']>, column: string, env: Environment): Value {
  switch (as) {
    case 'text':
      return textOf(value);
    case 'list':
      return [textOf(value)];
    case 'number': {
      const number = isDecimal(value) ? value : parseDecimal(textOf(value), env.numbers);
      if (number === undefined) throw new Refusal(column, `"${textOf(value)}" is not a number`);
      return toNumber(number);
    }
    case 'boolean':
      return booleanOf(value, column);
  }
}

const BOOLEANS: ReadonlyMap<string, boolean> = new Map([
  ...['true', 'yes', 'y', 't', '1'].map((text) => [text, true] as const),
  ...['false', 'no', 'n', 'f', '0'].map((text) => [text, false] as const),
]);

export function booleanOf(value: Value, column: string): boolean {
  const found = BOOLEANS.get(textOf(value).toLowerCase());
  if (found === undefined) throw new Refusal(column, `"${textOf(value)}" is neither true nor false`);
  return found;
}

function dateStep(spec: ValueSpec, format: string, column: string, path: Path, env: Environment): Step[] {
  let read: DateReader;
  try {
    read = compileDateFormat(format);
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    env.mistakes.add([...path, 'date'], cause.message);
    return [];
  }
  const zoneAt = spec.zone === undefined ? ['timezone'] : [...path, 'zone'];
  const zone = env.zone(spec.zone ?? env.mapping.timezone, zoneAt);
  const [hour, minute] = (spec.time ?? '12:00').split(':').map(Number);
  // A day without a time is taken at noon: whatever the zone of the reader, it is the same day.
  const timeOfDayMs = (hour! * 60 + minute!) * 60_000;
  return [
    (value) => {
      const date = read(textOf(value));
      if (date === undefined) throw new Refusal(column, `"${textOf(value)}" is not a date written as ${format}`);
      if (Math.abs(date.ms) > LATEST_MS) throw new Refusal(column, `"${textOf(value)}" lies beyond the year 9999`);
      if (date.isInstant) return date.ms;
      return zone.toInstant(date.hasTime ? date.ms : date.ms + timeOfDayMs);
    },
  ];
}

const LATEST_MS = 8030 * 365.25 * DAY_MS;

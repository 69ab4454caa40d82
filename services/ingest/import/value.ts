import { add, multiply, parseDecimal, toNumber, type Decimal } from './decimal.ts';
import { Refusal, type Environment, type RowContext } from './environment.ts';
import { isDecimal, textOf, type CompiledValue, type Value } from './cell-value.ts';
import { VALUE_FORMS, type ValueSpec } from './mapping.ts';
import type { Path } from './mistakes.ts';
import { compileModifiers } from './modifiers.ts';

/** Compiles the array of records `records` asks for; given by the caller because only the target knows their fields. */
export type RecordsCompiler = (spec: Readonly<Record<string, ValueSpec>>, path: Path) => CompiledValue['of'];

export function compileValue(spec: ValueSpec, path: Path, env: Environment, records?: RecordsCompiler): CompiledValue {
  const forms = VALUE_FORMS.filter((form) => spec[form] !== undefined);
  if (forms.length !== 1) {
    const found = forms.length === 0 ? '' : `, found ${forms.join(' and ')}`;
    env.mistakes.add(path, `a value has exactly one of ${VALUE_FORMS.join(', ')}${found}`);
    return { of: () => undefined, column: '' };
  }
  const raw = compileForm(spec, path, env, records);
  return { of: compileModifiers(raw, spec, path, env), column: raw.column };
}

function compileForm(
  spec: ValueSpec,
  path: Path,
  env: Environment,
  records: RecordsCompiler | undefined,
): CompiledValue {
  const inner = (form: 'sum' | 'min' | 'max' | 'distinct' | 'list'): CompiledValue => {
    if (env.mode !== 'group') env.mistakes.add(path, `${form} is for rows grouped with rows: {group: [columns]}`);
    return compileValue(spec[form]!, [...path, form], env);
  };
  if (spec.column !== undefined) return columnValue(spec, spec.column, path, env);
  if (spec.value !== undefined) {
    const constant = spec.value ?? undefined;
    return { of: () => constant, column: '' };
  }
  if (spec.template !== undefined) return template(spec.template, path, env);
  if (spec.first !== undefined)
    return firstOf(spec.first.map((one, i) => compileValue(one, [...path, 'first', i], env)));
  if (spec.times !== undefined)
    return product(
      spec.times.map((one, i) => compileValue(one, [...path, 'times', i], env)),
      env,
    );
  if (spec.sum !== undefined) return sum(inner('sum'), env);
  if (spec.min !== undefined) return extreme(inner('min'), (a, b) => a < b);
  if (spec.max !== undefined) return extreme(inner('max'), (a, b) => a > b);
  if (spec.distinct !== undefined) return texts(inner('distinct'), true);
  if (spec.list !== undefined) return texts(inner('list'), false);
  if (spec.count !== undefined) return { of: (context) => context.rows.length, column: '' };
  if (records !== undefined) return { of: records(spec.records!, [...path, 'records']), column: '' };
  env.mistakes.add(path, 'records fill a field that is a list of records, as products');
  return { of: () => undefined, column: '' };
}

function columnValue(spec: ValueSpec, column: string, path: Path, env: Environment): CompiledValue {
  const read = env.reader(column, [...path, 'column']);
  if (spec.of !== undefined && spec.of !== 'this' && env.mode === 'row') {
    env.mistakes.add([...path, 'of'], 'first and previous need rows: {group: …} or {history: …}');
  }
  switch (spec.of) {
    case 'first':
      return { of: ({ rows }) => read(rows[0]!), column };
    case 'previous':
      return { of: ({ rows, index }) => (index === 0 ? undefined : read(rows[index - 1]!)), column };
    case 'this':
    case undefined:
      return { of: ({ rows, index }) => read(rows[index]!), column };
  }
}

function template(text: string, path: Path, env: Environment): CompiledValue {
  const parts = text.split(/\{([^{}]+)\}/);
  const readers = parts.map((part, index) => (index % 2 === 1 ? env.reader(part, [...path, 'template']) : part));
  return {
    of: ({ rows, index }) => {
      let result = '';
      for (const part of readers) {
        const piece = typeof part === 'string' ? part : part(rows[index]!);
        if (piece === undefined) return undefined;
        result += piece;
      }
      return result;
    },
    column: parts[1] ?? '',
  };
}

function firstOf(values: readonly CompiledValue[]): CompiledValue {
  return {
    of: (context) => {
      for (const value of values) {
        const found = value.of(context);
        if (found !== undefined) return found;
      }
      return undefined;
    },
    column: values[0]!.column,
  };
}

function product(factors: readonly CompiledValue[], env: Environment): CompiledValue {
  const { column } = factors[0]!;
  return {
    of: (context) => {
      let result: Decimal | undefined;
      for (const factor of factors) {
        const number = decimalOf(factor, context, env);
        if (number === undefined) return undefined;
        result = result === undefined ? number : multiply(result, number);
        if (result === undefined) throw new Refusal(column, 'the product is too large to be exact');
      }
      return result;
    },
    column,
  };
}

/** A sum with a missing summand is no sum: it is refused, never quietly smaller. */
function sum(term: CompiledValue, env: Environment): CompiledValue {
  return {
    of: (context) => {
      let total: Decimal = { units: 0, scale: 0 };
      eachRow(context, () => {
        const number = decimalOf(term, context, env);
        if (number === undefined)
          throw new Refusal(term.column, 'is missing in a row of the group, so there is no sum');
        const next = add(total, number);
        if (next === undefined) throw new Refusal(term.column, 'the sum is too large to be exact');
        total = next;
      });
      return total;
    },
    column: term.column,
  };
}

function extreme(of: CompiledValue, better: (a: number, b: number) => boolean): CompiledValue {
  return {
    of: (context) => {
      let best: { readonly value: Value; readonly size: number } | undefined;
      eachRow(context, () => {
        const value = of.of(context);
        if (value === undefined) return;
        const size = sizeOf(value, of.column);
        if (best === undefined || better(size, best.size)) best = { value, size };
      });
      return best?.value;
    },
    column: of.column,
  };
}

function texts(of: CompiledValue, distinct: boolean): CompiledValue {
  return {
    of: (context) => {
      const found: string[] = [];
      eachRow(context, () => {
        const value = of.of(context);
        if (value !== undefined) found.push(textOf(value));
      });
      return distinct ? [...new Set(found)] : found;
    },
    column: of.column,
  };
}

export function eachRow(context: RowContext, visit: () => void): void {
  const { index } = context;
  for (context.index = 0; context.index < context.rows.length; context.index++) visit();
  context.index = index;
}

function decimalOf(value: CompiledValue, context: RowContext, env: Environment): Decimal | undefined {
  const found = value.of(context);
  if (found === undefined) return undefined;
  if (isDecimal(found)) return found;
  const number = parseDecimal(textOf(found), typeof found === 'string' ? env.numbers : undefined);
  if (number === undefined) throw new Refusal(value.column, `"${textOf(found)}" is not a number`);
  return number;
}

function sizeOf(value: Value, column: string): number {
  if (isDecimal(value)) return toNumber(value);
  const size = Number(value);
  if (Number.isNaN(size)) throw new Refusal(column, `"${textOf(value)}" is neither a number nor a date`);
  return size;
}

/** Values into the fields of an event: each cast to the type the schema declares, or refused with the reason. */
import { nearest } from '../../platform/config/nearest.ts';
import { isDecimal, textOf, type CompiledValue, type Value } from './cell-value.ts';
import { parseDecimal, toMinor, toNumber } from './decimal.ts';
import { Refusal, type Environment, type RowContext } from './environment.ts';
import type { EventFields, Field, FieldType } from './event-fields.ts';
import type { ValueSpec } from './mapping.ts';
import type { Path } from './mistakes.ts';
import { booleanOf } from './modifiers.ts';
import { compileValue, eachRow } from './value.ts';

/** An event while it is filled. */
export type Draft = Record<string, unknown>;

export type Setter = (context: RowContext, draft: Draft) => void;

/** Compiles what fills one field, named by its path: `amountMinor`, `ticket.priority`, `traits.address.country`. */
export function compileField(name: string, spec: ValueSpec, within: EventFields, path: Path, env: Environment): Setter {
  const dot = name.indexOf('.');
  const head = dot < 0 ? name : name.slice(0, dot);
  const rest = dot < 0 ? '' : name.slice(dot + 1);
  const field = within.fields.get(head);
  if (field === undefined) return unknownField(head, within, path, env);
  const { type } = field;
  if (rest === '') {
    if (type.is === 'record' || type.is === 'map') {
      env.mistakes.add(path, `fill the parts of ${head} one by one, as ${head}.${exampleOf(type)}`);
      return nothing;
    }
    const cast = compileCast(field, spec, path, env);
    return (context, draft) => {
      const value = cast(context);
      if (value !== undefined) draft[head] = value;
    };
  }
  if (type.is === 'map') return mapEntry(head, rest, type.lists, compileValue(spec, path, env));
  if (type.is === 'record') {
    const set = compileField(rest, spec, type, path, env);
    return inRecord(head, type.template, set);
  }
  env.mistakes.add(path, `${head} has no parts`);
  return nothing;
}

const nothing: Setter = () => undefined;

function unknownField(name: string, within: EventFields, path: Path, env: Environment): Setter {
  const near = nearest(name, [...within.fields.keys()]);
  env.mistakes.add(path, `there is no field ${name}${near === undefined ? '' : `; did you mean ${near}?`}`);
  return nothing;
}

function exampleOf(type: FieldType): string {
  return type.is === 'record' ? [...type.fields.keys()][0]! : 'name';
}

/** A record within the event exists as soon as one of its fields is known; then it has all of them. */
function inRecord(head: string, template: Draft, set: Setter): Setter {
  return (context, draft) => {
    const existing = draft[head] as Draft | null | undefined;
    if (existing !== null && existing !== undefined) {
      set(context, existing);
      return;
    }
    const part: Draft = {};
    set(context, part);
    if (Object.keys(part).length > 0) draft[head] = { ...template, ...part };
  };
}

function mapEntry(head: string, key: string, lists: boolean, value: CompiledValue): Setter {
  return (context, draft) => {
    const found = value.of(context);
    if (found === undefined) return;
    const plain = isDecimal(found) ? toNumber(found) : found;
    if (typeof plain === 'object' && !lists) throw new Refusal(value.column, `${head} holds single values, not lists`);
    draft[head] = { ...(draft[head] as Draft), [key]: plain };
  };
}

function compileCast(field: Field, spec: ValueSpec, path: Path, env: Environment): (context: RowContext) => unknown {
  const { type } = field;
  const value = compileValue(spec, path, env, type.is === 'records' ? recordsOf(type, env) : undefined);
  if (type.is === 'records') return value.of;
  if (type.is === 'enum') checkSymbols(spec, type.symbols, path, env);
  if (type.is === 'instant' && !isDated(spec)) {
    env.mistakes.add(path, 'an instant needs the format of its text, as date: "DD.MM.YYYY HH:mm"');
  }
  return (context) => {
    const found = value.of(context);
    return found === undefined ? undefined : cast(found, type, value.column, env);
  };
}

function isDated(spec: ValueSpec): boolean {
  const inner = spec.first ?? [spec.min, spec.max].filter((one) => one !== undefined);
  return spec.date !== undefined || (inner.length > 0 && inner.every(isDated));
}

function recordsOf(fields: EventFields, env: Environment) {
  return (specs: Readonly<Record<string, ValueSpec>>, path: Path): CompiledValue['of'] => {
    const setters = Object.entries(specs).map(([name, spec]) => compileField(name, spec, fields, [...path, name], env));
    for (const name of requiredNames(fields)) {
      if (specs[name] === undefined) env.mistakes.add(path, `each record needs ${name}`);
    }
    return (context) => {
      const records: Draft[] = [];
      eachRow(context, () => {
        const record: Draft = { ...fields.template };
        for (const set of setters) set(context, record);
        for (const name of requiredNames(fields)) {
          if (record[name] === null) throw new Refusal('', `${name} is missing in a row of the group`);
        }
        records.push(record);
      });
      return records;
    };
  };
}

export function requiredNames(fields: EventFields): readonly string[] {
  return [...fields.fields].flatMap(([name, field]) => (field.required ? [name] : []));
}

/** Constants and tables are checked before the first row. */
function checkSymbols(spec: ValueSpec, symbols: readonly string[], path: Path, env: Environment): void {
  const table = typeof spec.table === 'string' ? env.mapping.tables[spec.table] : spec.table;
  const constants = table === undefined ? [spec.value, spec.otherwise] : [...Object.values(table), spec.otherwise];
  for (const constant of constants) {
    if (constant === undefined || constant === null || symbols.includes(String(constant))) continue;
    env.mistakes.add(path, notASymbol(String(constant), symbols));
  }
}

/** What is wrong with a text where one of a few is wanted, and which was probably meant. */
export function notASymbol(text: string, symbols: readonly string[]): string {
  const near = nearest(text, symbols);
  return `"${text}" is not one of ${symbols.join(', ')}${near === undefined ? '' : `; did you mean ${near}?`}`;
}

function cast(value: Value, type: FieldType, column: string, env: Environment): unknown {
  switch (type.is) {
    case 'text':
      return textOf(value);
    case 'boolean':
      return typeof value === 'boolean' ? value : booleanOf(value, column);
    case 'texts':
      return Array.isArray(value) ? value : [textOf(value)];
    case 'enum': {
      const text = textOf(value);
      if (!type.symbols.includes(text)) throw new Refusal(column, notASymbol(text, type.symbols));
      return text;
    }
    case 'number':
      return typeof value === 'number' ? value : toNumber(decimal(value, column, env));
    case 'integer':
    case 'instant': {
      if (typeof value === 'number' && Number.isSafeInteger(value)) return value;
      const number = decimal(value, column, env);
      const whole = toMinor(number, 0);
      if (whole === undefined || whole !== toNumber(number))
        throw new Refusal(column, `"${textOf(value)}" is not whole`);
      return whole;
    }
    case 'map':
    case 'record':
    case 'records':
      throw new Error('Invariant broken: maps and records are filled part by part');
  }
}

function decimal(value: Value, column: string, env: Environment) {
  const number = isDecimal(value)
    ? value
    : parseDecimal(textOf(value), typeof value === 'string' ? env.numbers : undefined);
  if (number === undefined) throw new Refusal(column, `"${textOf(value)}" is not a number`);
  return number;
}

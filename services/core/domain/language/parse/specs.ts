/** What the dictionaries say of a field or a trait, and whether a value fits it. */
import { FIELDS, type FieldType } from '../../events/fields.ts';
import type { PiiClass } from '../../events/header.ts';
import type { TraitSpec } from '../../events/traits.ts';
import type { EventName, Scalar } from '../ast.ts';
import { didYouMean } from '../mistakes.ts';
import { FORBIDDEN } from '../structure.ts';
import type { Parsing, Path } from './parsing.ts';

/** `any`: a declared custom field, of any scalar type. */
export interface Spec {
  readonly type: FieldType | TraitSpec['type'] | 'any';
  readonly symbols?: readonly string[];
  readonly label: string;
  readonly pii?: PiiClass;
}

/** The dictionary's entries for a field over all named inputs; a mistake where one of them does not have it. */
export function fieldSpecs(p: Parsing, events: readonly EventName[], field: string, path: Path): readonly Spec[] {
  if (field.split('.').some((step) => FORBIDDEN.has(step))) {
    p.mistake(path, `${field} is never a field name`);
    return [];
  }
  if (/^properties\.[^.]+$/.test(field)) return [{ type: 'any', label: field }];
  return events.flatMap((event) => {
    const spec = Object.hasOwn(FIELDS[event], field) ? FIELDS[event][field] : undefined;
    if (spec !== undefined) return [spec];
    p.mistake(path, `${event} has no field ${field}${didYouMean(field, Object.keys(FIELDS[event]))}`);
    return [];
  });
}

export function isNumeric(spec: Spec): boolean {
  return spec.type === 'integer' || spec.type === 'decimal' || spec.type === 'any';
}

/** Can hold a free text: of an enum the symbols are all there is. */
export function isTextual(spec: Spec): boolean {
  return spec.type === 'string' || spec.type === 'enum' || spec.type === 'any';
}

/** Why a value can never be that of a field or trait; undefined when it can. */
export function valueProblem(value: Scalar, specs: readonly Spec[]): string | undefined {
  const problems = specs.map((spec) => misfit(value, spec));
  if (problems.length > 0 && problems.every((problem) => problem !== undefined)) return problems[0];
  const symbols = specs.flatMap((spec) => spec.symbols ?? []);
  if (
    typeof value === 'string' &&
    specs.length > 0 &&
    specs.every((spec) => spec.type === 'enum') &&
    !symbols.includes(value)
  )
    return `${value} is none of ${[...new Set(symbols)].join(', ')}${didYouMean(value, symbols)}`;
  return undefined;
}

function misfit(value: Scalar, spec: Spec): string | undefined {
  switch (spec.type) {
    case 'any':
      return undefined;
    case 'boolean':
      return typeof value === 'boolean' ? undefined : 'expected true or false';
    case 'integer':
    case 'decimal':
    case 'instant':
      return typeof value === 'number' ? undefined : 'expected a number';
    case 'set':
      return `${spec.label} is a set; use hasAny`;
    case 'string':
    case 'enum':
    case 'date':
      return typeof value === 'string' ? undefined : 'expected a text (put it in quotes)';
  }
}

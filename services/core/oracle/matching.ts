/** Reads events the way a rule names them: fields by dotted path, filters clause by clause. Two-valued, no shortcuts. */
import { unreachable } from '../faults.ts';
import type { Fact } from '../domain/events/fact.ts';
import { rescaledThousandths } from '../domain/events/score.ts';
import type { EventFilter, EventName, FieldTest, Projection, Scalar } from '../domain/language/ast.ts';
import { passesSet, passesText, passesVersion } from './texts.ts';

const EVENT_NAMES: Readonly<Record<Fact['input'], EventName | undefined>> = {
  interactions: 'interaction',
  purchases: 'purchase',
  surveys: 'survey',
  profiles: undefined,
  identities: undefined,
};

/** The value at a dotted path; undefined where a step is missing, null where it is null. */
export function fieldOf(fact: Fact, path: string): unknown {
  // Rules read the rescaled score, never the raw one (catalogue §0); here in units, not thousandths.
  if (path === 'score' && fact.input === 'surveys') {
    const thousandths = rescaledThousandths(fact.event);
    return thousandths === null ? null : thousandths / 1000;
  }
  let value: unknown = fact.event;
  for (const step of path.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined;
    value = Reflect.get(value, step);
  }
  return value;
}

export function matches(filter: EventFilter, fact: Fact): boolean {
  const name = EVENT_NAMES[fact.input];
  if (name === undefined || !filter.events.includes(name)) return false;
  return filter.where.every((clause) => passes(clause.test, fieldOf(fact, clause.field)));
}

/** Whether a field passes; a missing one passes only where that is asked for. */
export function passes(test: FieldTest, value: unknown): boolean {
  const missing = value === null || value === undefined;
  if (test.op === 'known') return missing !== test.expected;
  if (missing) return false;
  switch (test.op) {
    case 'in':
      return test.values.includes(value as Scalar);
    case 'notIn':
      return !test.values.includes(value as Scalar);
    case 'has':
    case 'hasAll':
    case 'hasNone':
      return Array.isArray(value) && passesSet(test.op, test.values, value);
    case 'size':
      return Array.isArray(value) && value.length >= test.low && value.length <= test.high;
    case 'between': {
      if (typeof value !== 'number') return false;
      const aboveLow = test.lowOpen ? value > test.low : value >= test.low;
      const belowHigh = test.highOpen ? value < test.high : value <= test.high;
      return aboveLow && belowHigh;
    }
    case 'contains':
    case 'startsWith':
    case 'endsWith':
    case 'sameText':
    case 'notSameText':
      return typeof value === 'string' && passesText(test, value);
    case 'version':
      return typeof value === 'string' && passesVersion(test, value) === true;
    default:
      return unreachable(test);
  }
}

/** The projected integer of an event, rounded half up where the field has decimals; null where there is no number. */
export function numberOf(projection: Projection, fact: Fact): number | null {
  const value = fieldOf(fact, projection.field);
  return typeof value === 'number' && Number.isFinite(value) ? Math.round(value * projection.scale) : null;
}

/** A field as a text; undefined where there is nothing that could be one. */
export function textOf(fact: Fact, path: string): string | undefined {
  const value = fieldOf(fact, path);
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? String(value)
    : undefined;
}

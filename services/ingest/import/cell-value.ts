import { toMinor, toNumber, type Decimal } from './decimal.ts';
import type { RowContext } from './environment.ts';

/** What a value may be while it is made; an instant is a number of ms. */
export type Value =
  string | number | boolean | Decimal | readonly string[] | readonly Readonly<Record<string, unknown>>[];

export interface CompiledValue {
  /** The value; undefined when it is missing. Throws Refusal. */
  readonly of: (context: RowContext) => Value | undefined;
  /** The column a refusal names. */
  readonly column: string;
}

export function isDecimal(value: Value): value is Decimal {
  return typeof value === 'object' && 'units' in value;
}

/** Plain text of a single value; a decimal in its shortest form. */
export function textOf(value: Value): string {
  if (isDecimal(value)) return String(toMinor(value, 0) === toNumber(value) ? toMinor(value, 0) : toNumber(value));
  return typeof value === 'object' ? value.map((one) => (typeof one === 'string' ? one : '')).join(' ') : String(value);
}

/** Exact decimal numbers: `units` × 10^-`scale`, both safe integers. Money is never a binary fraction here. */
export interface Decimal {
  readonly units: number;
  readonly scale: number;
}

export interface NumberStyle {
  readonly decimalMark: '.' | ',';
  /** Mark between groups of digits; '' where numbers have none. */
  readonly groupMark: string;
}

const PLAIN_NUMBERS: NumberStyle = { decimalMark: '.', groupMark: '' };

const PATTERN = /^([+-]?)([0-9]*)(?:\.([0-9]*))?$/;

/** Reads `-12.50`, `1 234,5` (by style); undefined when it is no such number or has more digits than are exact. */
export function parseDecimal(text: string, style: NumberStyle = PLAIN_NUMBERS): Decimal | undefined {
  let plain = style.groupMark === '' ? text : text.replaceAll(style.groupMark, '');
  if (style.decimalMark === ',') {
    if (plain.includes('.')) return undefined;
    plain = plain.replace(',', '.');
  }
  const match = PATTERN.exec(plain);
  if (match === null) return undefined;
  const [, sign, whole = '', fraction = ''] = match;
  if (whole === '' && fraction === '') return undefined;
  const units = Number(whole + fraction);
  if (!Number.isSafeInteger(units)) return undefined;
  return { units: sign === '-' ? 0 - units : units, scale: fraction.length };
}

/** Undefined when the exact product does not fit. */
export function multiply(a: Decimal, b: Decimal): Decimal | undefined {
  return exact(a.units * b.units, a.scale + b.scale);
}

/** Undefined when the exact sum does not fit. */
export function add(a: Decimal, b: Decimal): Decimal | undefined {
  const scale = Math.max(a.scale, b.scale);
  return exact(a.units * 10 ** (scale - a.scale) + b.units * 10 ** (scale - b.scale), scale);
}

/** As an integer of 10^-`decimals`, rounded half away from zero: minor units of money. Undefined when it does not fit. */
export function toMinor(value: Decimal, decimals: number): number | undefined {
  if (value.scale <= decimals) return exact(value.units * 10 ** (decimals - value.scale), 0)?.units;
  const step = 10 ** (value.scale - decimals);
  const size = Math.abs(value.units);
  const rounded = Math.trunc(size / step) + (2 * (size % step) >= step ? 1 : 0);
  return value.units < 0 ? 0 - rounded : rounded;
}

export function toNumber(value: Decimal): number {
  return value.units / 10 ** value.scale;
}

function exact(units: number, scale: number): Decimal | undefined {
  return Number.isSafeInteger(units) ? { units: units + 0, scale } : undefined;
}

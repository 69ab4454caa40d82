/**
 * Dates as exports write them. A format is letters that stand for parts and everything else as it is:
 * `YYYY` `YY` (2000–2099) `MM` `M` `MMM` (Jan) `DD` `D` `HH` `H` `hh` `h` `A` (AM, PM) `mm` `m` `ss` `s` `SSS` `Z` (Z, +01:00).
 * A doubled letter wants two digits, a single one takes one or two. `iso`, `unix` and `unixMs` are whole formats.
 */

/** A date read by a format: a local reading (as if UTC, ms), or an instant when the text itself named its offset. */
interface ReadDate {
  readonly ms: number;
  readonly isInstant: boolean;
  readonly hasTime: boolean;
}

export type DateReader = (text: string) => ReadDate | undefined;

interface Parts {
  year: number;
  month: number;
  day: number;
  hour: number;
  minute: number;
  second: number;
  ms: number;
  afternoon: boolean | undefined;
  offsetMs: number | undefined;
}

const TOKENS = /YYYY|YY|MMM|MM|M|DD|D|HH|H|hh|h|mm|m|SSS|ss|s|A|Z|[^YMDHhmsSAZ]+/gy;
const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];

/** Each part: the pattern it takes, and where what it read goes. */
const PARTS: Readonly<Record<string, readonly [pattern: string, set: (parts: Parts, text: string) => void]>> = {
  YYYY: ['\\d{4}', (parts, text) => (parts.year = Number(text))],
  YY: ['\\d{2}', (parts, text) => (parts.year = 2000 + Number(text))],
  MMM: ['[A-Za-z]{3}', (parts, text) => (parts.month = MONTHS.indexOf(text.toLowerCase()) + 1)],
  MM: ['\\d{2}', (parts, text) => (parts.month = Number(text))],
  M: ['\\d{1,2}', (parts, text) => (parts.month = Number(text))],
  DD: ['\\d{2}', (parts, text) => (parts.day = Number(text))],
  D: ['\\d{1,2}', (parts, text) => (parts.day = Number(text))],
  HH: ['\\d{2}', (parts, text) => (parts.hour = Number(text))],
  H: ['\\d{1,2}', (parts, text) => (parts.hour = Number(text))],
  hh: ['\\d{2}', (parts, text) => (parts.hour = Number(text))],
  h: ['\\d{1,2}', (parts, text) => (parts.hour = Number(text))],
  mm: ['\\d{2}', (parts, text) => (parts.minute = Number(text))],
  m: ['\\d{1,2}', (parts, text) => (parts.minute = Number(text))],
  ss: ['\\d{2}', (parts, text) => (parts.second = Number(text))],
  s: ['\\d{1,2}', (parts, text) => (parts.second = Number(text))],
  SSS: ['\\d{3}', (parts, text) => (parts.ms = Number(text))],
  A: ['[AaPp]\\.?[Mm]\\.?', (parts, text) => (parts.afternoon = text[0]?.toLowerCase() === 'p')],
  Z: ['Z|[+-]\\d{2}:?\\d{2}', (parts, text) => (parts.offsetMs = offsetOf(text))],
};

/** Throws RangeError with the reason when the format cannot be read. */
export function compileDateFormat(format: string): DateReader {
  if (format === 'iso') return readIso;
  if (format === 'unix') return (text) => readUnix(text, 1000);
  if (format === 'unixMs') return (text) => readUnix(text, 1);
  const tokens = tokensOf(format);
  const setters = tokens.flatMap((token) => (PARTS[token] === undefined ? [] : [PARTS[token][1]]));
  const pattern = new RegExp(
    `^${tokens.map((token) => (PARTS[token] ? `(${PARTS[token][0]})` : escaped(token))).join('')}$`,
  );
  const hasTime = tokens.some((token) => /^[Hh]/.test(token));
  return (text) => {
    const match = pattern.exec(text);
    if (match === null) return undefined;
    const parts: Parts = {
      ...{ year: 1970, month: 1, day: 1, hour: 0, minute: 0, second: 0, ms: 0 },
      afternoon: undefined,
      offsetMs: undefined,
    };
    for (const [index, set] of setters.entries()) set(parts, match[index + 1]!);
    return assembled(parts, hasTime);
  };
}

function tokensOf(format: string): readonly string[] {
  const tokens = format.match(TOKENS) ?? [];
  if (tokens.join('') !== format) throw new RangeError(`cannot read the date format "${format}"`);
  for (const needed of ['Y', 'M', 'D']) {
    if (!tokens.some((token) => PARTS[token] !== undefined && token.startsWith(needed))) {
      throw new RangeError(`the date format "${format}" needs a year, a month and a day (YYYY, MM, DD)`);
    }
  }
  return tokens;
}

function assembled(parts: Parts, hasTime: boolean): ReadDate | undefined {
  let { hour } = parts;
  if (parts.afternoon !== undefined) {
    if (hour < 1 || hour > 12) return undefined;
    hour = (hour % 12) + (parts.afternoon ? 12 : 0);
  }
  const { year, month, day, minute, second, ms } = parts;
  if (hour > 23 || minute > 59 || second > 59) return undefined;
  const local = Date.UTC(year, month - 1, day, hour, minute, second, ms);
  // 31 June would silently become 1 July.
  const check = new Date(local);
  if (check.getUTCMonth() !== month - 1 || check.getUTCDate() !== day) return undefined;
  if (parts.offsetMs === undefined) return { ms: local, isInstant: false, hasTime };
  return { ms: local - parts.offsetMs, isInstant: true, hasTime };
}

const ISO = /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?(Z|[+-]\d{2}:?\d{2})?)?$/;

function readIso(text: string): ReadDate | undefined {
  const match = ISO.exec(text);
  if (match === null) return undefined;
  const [, year, month, day, hour, minute, second, fraction, offset] = match;
  return assembled(
    {
      ...{ year: Number(year), month: Number(month), day: Number(day) },
      ...{ hour: Number(hour ?? 0), minute: Number(minute ?? 0), second: Number(second ?? 0) },
      ms: Number((fraction ?? '').padEnd(3, '0').slice(0, 3)),
      afternoon: undefined,
      offsetMs: offset === undefined ? undefined : offsetOf(offset),
    },
    hour !== undefined,
  );
}

function readUnix(text: string, unitMs: number): ReadDate | undefined {
  if (!/^-?\d{1,16}(\.\d+)?$/.test(text)) return undefined;
  const ms = Math.floor(Number(text) * unitMs);
  return Number.isSafeInteger(ms) ? { ms, isInstant: true, hasTime: true } : undefined;
}

function offsetOf(text: string): number {
  if (text === 'Z') return 0;
  const minutes = Number(text.slice(1, 3)) * 60 + Number(text.slice(-2));
  return (text.startsWith('-') ? -1 : 1) * minutes * 60_000;
}

function escaped(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

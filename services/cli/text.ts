import { stripVTControlCharacters } from 'node:util';

/** Control characters and bidirectional overrides: what could steer a terminal instead of being read. */
const STEERING = /[\p{Cc}\u200E\u200F\u202A-\u202E\u2066-\u2069]/gu;
const WIDE =
  /^(?:\p{Emoji_Presentation}|[\u1100-\u115F\u2E80-\u303E\u3041-\uA4CF\uAC00-\uD7A3\uF900-\uFAFF\uFE30-\uFE6F\uFF00-\uFF60\uFFE0-\uFFE6]|[\u{20000}-\u{3FFFD}])/u;
const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** Text from outside as it may be shown on one line of a terminal. */
export function printable(words: string): string {
  return words.replaceAll(STEERING, (character) => (character === '\n' || character === '\t' ? ' ' : '\uFFFD'));
}

/** Columns a terminal needs; colour codes need none. */
export function columnsOf(words: string): number {
  const plain = stripVTControlCharacters(words);
  if (/^[\x20-\x7E]*$/.test(plain)) return plain.length;
  let columns = 0;
  for (const { segment } of graphemes.segment(plain)) columns += WIDE.test(segment) ? 2 : 1;
  return columns;
}

/** Cuts plain text (no colour codes) to a width, with an ellipsis where something is missing. */
export function cut(words: string, width: number): string {
  if (columnsOf(words) <= width) return words;
  let kept = '';
  let columns = 1;
  for (const { segment } of graphemes.segment(words)) {
    columns += WIDE.test(segment) ? 2 : 1;
    if (columns > width) break;
    kept += segment;
  }
  return `${kept}…`;
}

export function pad(words: string, width: number, align: 'left' | 'right'): string {
  const missing = ' '.repeat(Math.max(0, width - columnsOf(words)));
  return align === 'right' ? missing + words : words + missing;
}

const counts = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });

/** 1234567 → `1,234,567`. */
export function formatCount(value: number): string {
  return counts.format(value);
}

/** 1 → `1 change`, 1234 → `1,234 changes`; `many` where it is not `one` with an s. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`;
}

/** A span as a person says it: `340 ms`, `8.2 s`, `3 min 05 s`, `2 h 10 min`. */
export function formatSpan(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 9_950) return `${(ms / 1_000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1_000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${String(seconds % 60).padStart(2, '0')} s`;
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, '0')} min`;
}

/** 1536 → `1.5 KiB`. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let amount = bytes;
  let unit = 0;
  while (amount >= 1024 && unit < units.length - 1) {
    amount /= 1024;
    unit += 1;
  }
  return `${unit === 0 || amount >= 100 ? Math.round(amount) : amount.toFixed(1)} ${units[unit]!}`;
}

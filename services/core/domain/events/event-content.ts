/**
 * What counts as the same content when an event id comes again (C1): all that the source said. Two things of a record are not
 * from the source, and a resend has others: `receivedAt`, stamped by ingest, and `importId`, stamped by the importer. Nor is
 * `occurredAt` where it equals `receivedAt`: then the source did not say when, and ingest filled it in.
 */
import { hash32 } from './event-id.ts';
import type { EventHeader } from './header.ts';

/** Where the body begins: a framed value has a zero and the schema id before it. */
const FRAME_BYTES = 5;

/**
 * Of a framed Avro value and the event it was read to; unsigned, 32 bits. The stamps are looked for where our schemas put
 * them, all in front, and are believed when they say what the event says. A record that was written by a schema with
 * another order of fields counts whole, stamps included.
 */
export function contentHash(value: Uint8Array, event: EventHeader): number {
  const importId = textEnd(value, textEnd(value, FRAME_BYTES));
  const occurredAt = importId < value.length && value[importId] === 0 ? importId + 1 : textEnd(value, importId + 1);
  const receivedAt = longEnd(value, occurredAt);
  const rest = longEnd(value, receivedAt);
  if (
    rest > value.length ||
    longAt(value, occurredAt) !== event.occurredAt ||
    longAt(value, receivedAt) !== event.receivedAt
  )
    return hash32(value);
  const source = hash32(value, FRAME_BYTES, importId);
  const said = event.occurredAt === event.receivedAt ? source : hash32(value, occurredAt, receivedAt, source);
  return hash32(value, rest, value.length, said);
}

/** Behind the text that begins there; beyond the end where there is none. Always a small integer: it is an index. */
function textEnd(bytes: Uint8Array, at: number): number {
  const length = at < bytes.length ? bytes[at]! : 0;
  // Nearly all ids are shorter than 64 bytes: their length is one byte of zigzag.
  if (length < 0x80) return at + 1 + (length >> 1);
  const start = longEnd(bytes, at);
  const left = bytes.length - start;
  const long = longAt(bytes, at);
  return long >= 0 && long <= left ? start + (long | 0) : bytes.length + 1;
}

function longEnd(bytes: Uint8Array, at: number): number {
  let end = at;
  while (end < bytes.length && bytes[end]! >= 0x80) end += 1;
  return end + 1;
}

const LOW_BITS = 28;

/** A zigzag varint, in two halves of integers; NaN beyond the end or 56 bits. */
function longAt(bytes: Uint8Array, at: number): number {
  let low = 0;
  let high = 0;
  for (let shift = 0; shift < 2 * LOW_BITS && at < bytes.length; shift += 7) {
    const byte = bytes[at++]!;
    if (shift < LOW_BITS) low |= (byte & 0x7f) << shift;
    else high |= (byte & 0x7f) << (shift - LOW_BITS);
    if (byte >= 0x80) continue;
    const half = high * 2 ** (LOW_BITS - 1) + (low >>> 1);
    return (low & 1) === 0 ? half : -half - 1;
  }
  return NaN;
}

/** Repeats `length` bytes from `back` bytes before `end`, which may overlap with what is written. Returns the new end. */
export function copyWithin(out: Uint8Array, end: number, back: number, length: number): number {
  if (back <= 0 || back > end || end + length > out.length) throw new RangeError('a reference beyond the bytes');
  if (back >= length) out.copyWithin(end, end - back, end - back + length);
  else for (let index = 0; index < length; index += 1) out[end + index] = out[end - back + index]!;
  return end + length;
}

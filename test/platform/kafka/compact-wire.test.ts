import { describe, expect, it } from 'vitest';
import { CompactReader, CompactWriter } from '../../../services/platform/kafka/compact-wire.ts';

function written(write: (writer: CompactWriter) => void): CompactReader {
  const writer = new CompactWriter(4);
  write(writer);
  return new CompactReader(writer.finish());
}

describe("Kafka's newer form of messages", () => {
  it.each([0, 1, 127, 128, 300, 16_383, 16_384, 2 ** 31])('writes %d as a varint and reads it back', (value) => {
    expect(written((writer) => writer.uvarint(value)).uvarint()).toBe(value);
  });

  it('takes seven bits a byte, the lowest first', () => {
    expect([...new CompactWriter().uvarint(300).finish()]).toEqual([0xac, 0x02]);
  });

  it('counts the bytes of a string, not its characters', () => {
    const text = 'ä'.repeat(100);
    const reader = written((writer) => writer.compactString(text).compactString('').uvarint(0));
    expect([reader.compactString(), reader.compactString(), reader.compactString()]).toEqual([text, '', null]);
  });

  it('takes a null array for an empty one', () => {
    const reader = written((writer) => writer.compactArray([7, 8], (one) => writer.int32(one)).uvarint(0));
    expect(reader.compactArray(() => reader.int32())).toEqual([7, 8]);
    expect(reader.compactArray(() => reader.int32())).toEqual([]);
  });

  it('skips tagged fields it has no place for', () => {
    const reader = written((writer) => {
      writer.uvarint(2);
      writer
        .uvarint(9)
        .uvarint(3)
        .raw(Uint8Array.of(1, 2, 3));
      writer.uvarint(1).uvarint(4).int32(42);
      writer.int16(5);
    });
    let known = 0;
    reader.tags({ 1: (field) => (known = field.int32()) });
    expect([known, reader.int16()]).toEqual([42, 5]);
  });
});

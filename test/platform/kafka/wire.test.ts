import { expect, test } from 'vitest';
import { WireReader, WireWriter } from '../../../services/platform/kafka/wire.ts';

test('what is written is read back, also where the buffer had to grow in between', () => {
  const writer = new WireWriter(1);
  const numbers = [0, -1, 1, 2 ** 31, -(2 ** 31), 2 ** 53, -(2 ** 53), 1_700_000_000_123];
  for (const number of numbers) writer.int64(number);
  writer
    .int8(-1)
    .int16(-2)
    .int32(-3)
    .string('näme')
    .string(null)
    .bytes(Uint8Array.of(1, 2, 3))
    .int32(2)
    .int16(7)
    .int16(8);
  const buffer = writer.finish();
  const reader = new WireReader(buffer);
  expect(numbers.map(() => reader.int64())).toEqual(numbers);
  expect(buffer.readInt8(numbers.length * 8)).toBe(-1);
  const rest = new WireReader(buffer.subarray(numbers.length * 8 + 1));
  expect([rest.int16(), rest.int32(), rest.string(), rest.string()]).toEqual([-2, -3, 'näme', null]);
  expect([...rest.bytes()]).toEqual([1, 2, 3]);
  expect(rest.array((each) => each.int16())).toEqual([7, 8]);
});

test('a message that ends early is no message', () => {
  expect(() => new WireReader(Buffer.from([0, 5, 65])).string()).toThrow(RangeError);
  expect(() => new WireReader(Buffer.from([0, 0])).int32()).toThrow(RangeError);
});

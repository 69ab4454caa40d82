import { Partitioners } from 'kafkajs';
import { describe, expect, it } from 'vitest';
import { murmur2, partitionFor } from '../../../services/core/streams/partitioner.ts';

const utf8 = new TextEncoder();

describe('partitioner', () => {
  it.each([
    ['21', -973932308],
    ['foobar', -790332482],
    ['a-little-bit-long-string', -985981536],
    ['a-little-bit-longer-string', -1486304829],
    ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58897971],
    ['abc', 479470107],
  ])('hashes %s as the Java client does', (text, expected) => {
    expect(murmur2(utf8.encode(text))).toBe(expected);
  });

  it('puts every key where the default partitioner of kafkajs puts it', () => {
    const reference = Partitioners.DefaultPartitioner();
    const partitionMetadata = Array.from({ length: 7 }, (_, partitionId) => ({
      partitionErrorCode: 0,
      partitionId,
      leader: 1,
      replicas: [1],
      isr: [1],
    }));
    for (const key of [
      '',
      'a',
      'é',
      'customer-1',
      '顧客',
      '😀-9',
      ...Array.from({ length: 500 }, (_, n) => `c${n * 7919}`),
    ]) {
      const theirs = reference({ topic: 't', partitionMetadata, message: { key: Buffer.from(key), value: null } });
      expect(partitionFor(utf8.encode(key), 7)).toBe(theirs);
    }
  });
});

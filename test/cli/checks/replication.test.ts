import { describe, expect, it } from 'vitest';
import { judgeReplicas } from '../../../services/cli/checks/kafka/replication.ts';
import type { PartitionView } from '../../../services/platform/kafka/operations.ts';

const partition = (others: Partial<PartitionView> = {}): PartitionView => ({
  ...{ topic: 'facts', partition: 0, leader: 1, replicas: [1, 2, 3], inSync: [1, 2, 3] },
  ...others,
});
const settings = (least: number, unclean = false) =>
  new Map([
    [
      'facts',
      new Map([
        ['min.insync.replicas', `${least}`],
        ['unclean.leader.election.enable', `${unclean}`],
      ]),
    ],
  ]);
const judged = (partitions: readonly PartitionView[], least = 2, unclean = false) =>
  judgeReplicas(partitions, settings(least, unclean)).map(({ level, message }) => `${level}: ${message}`);

describe('replicas, as doctor sees them', () => {
  it('is content with three of which two must be in sync', () => {
    expect(judged([partition(), partition({ partition: 1 })])).toEqual(['ok: 2 partitions, all replicas in sync']);
  });

  it('fails where there is no leader, or too few in sync to write', () => {
    expect(judged([partition({ leader: -1, inSync: [] }), partition({ partition: 1, inSync: [1] })])).toEqual([
      'fail: without a leader: facts-0',
      'fail: fewer in sync than min.insync.replicas, so writes are refused: facts-1',
      'warn: replicas not in sync: facts-0',
    ]);
  });

  it('warns of replicas that are behind, and names at most five places', () => {
    const partitions = Array.from({ length: 7 }, (_, number) => partition({ partition: number, inSync: [1, 2] }));
    expect(judged(partitions)).toEqual([
      'warn: replicas not in sync: facts-0, facts-1, facts-2, facts-3, facts-4 and 2 more',
    ]);
  });

  it('warns of what the topics were made for: one replica, one acknowledgement, none to spare, unclean leaders', () => {
    expect(judged([partition({ replicas: [1], inSync: [1] })], 1)).toEqual([
      'warn: one replica, so a lost disk is lost data: 1 topics',
    ]);
    expect(judged([partition()], 1)).toEqual([
      'warn: min.insync.replicas is 1, so one broker alone may acknowledge: facts',
    ]);
    expect(judged([partition()], 3)).toEqual([
      'warn: min.insync.replicas is the number of replicas, so one broker away stops writes: facts',
    ]);
    expect(judged([partition()], 2, true)).toEqual([
      'warn: a replica that has missed records may become leader of facts',
    ]);
  });
});

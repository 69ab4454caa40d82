/**
 * Consumer groups within one process: every partition number belongs to exactly one member of a group.
 *
 * 1. Rebalances of a group run one at a time, in the order of joins and leaves.
 * 2. A partition moves only after its old owner's `lost` has settled, or after `lostMsMax`: a task that hangs must not
 *    stop the others, and the log fences it anyway (L4).
 * 3. Who leaves has stopped its tasks before; its `lost` is not called.
 */
import { Fault } from '../../core/faults.ts';
import type { GroupListener, GroupMember } from '../../core/streams/log.ts';
import type { Schedule } from './steps.ts';

interface Member {
  readonly listener: GroupListener;
  owned: readonly number[];
}

interface Group {
  readonly members: Member[];
  readonly partitions: number;
  generation: number;
  rebalanced: Promise<void>;
}

export class GroupCoordinator {
  readonly #groups = new Map<string, Group>();
  readonly #schedule: Schedule;
  readonly #lostMsMax: number;

  constructor(schedule: Schedule, lostMsMax = 10_000) {
    this.#schedule = schedule;
    this.#lostMsMax = lostMsMax;
  }

  /** Resolves when the member has been given its share. `partitionCounts` must be equal: the topics share their keys. */
  async join(name: string, partitionCounts: readonly number[], listener: GroupListener): Promise<GroupMember> {
    const partitions = partitionCounts[0] ?? 0;
    const group = this.#groups.get(name) ?? {
      members: [],
      partitions,
      generation: 0,
      rebalanced: Promise.resolve(),
    };
    if (partitionCounts.some((count) => count !== group.partitions)) {
      throw new Fault('TOPIC_MISMATCH', `The topics of group ${name} have different partition counts`, {
        facts: { group: name, partitions: partitionCounts.join(', ') },
      });
    }
    this.#groups.set(name, group);
    const member: Member = { listener, owned: [] };
    await this.#change(group, () => group.members.push(member));
    return {
      leave: () =>
        this.#change(group, () => {
          const index = group.members.indexOf(member);
          if (index >= 0) group.members.splice(index, 1);
          if (group.members.length === 0 && this.#groups.get(name) === group) this.#groups.delete(name);
        }),
    };
  }

  #change(group: Group, change: () => void): Promise<void> {
    const done = group.rebalanced.then(async () => {
      change();
      await this.#rebalance(group);
    });
    // The next change goes on whatever became of this one; its own caller sees the rejection.
    group.rebalanced = done.catch(() => undefined);
    return done;
  }

  async #rebalance(group: Group): Promise<void> {
    const { members } = group;
    group.generation += 1;
    const targets = members.map(() => [] as number[]);
    for (let partition = 0; partition < group.partitions; partition += 1) {
      targets[partition % members.length]?.push(partition);
    }
    const losses = members.map((member, index) => {
      const lost = member.owned.filter((partition) => !targets[index]!.includes(partition));
      return lost.length === 0 ? Promise.resolve() : this.#bounded(member.listener.lost(lost));
    });
    await Promise.all(losses);
    members.forEach((member, index) => {
      const gained = targets[index]!.filter((partition) => !member.owned.includes(partition));
      member.owned = targets[index]!;
      if (gained.length > 0) member.listener.assigned(gained, group.generation);
    });
  }

  async #bounded(settled: Promise<void>): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<undefined>();
    const cancel = this.#schedule(this.#lostMsMax, () => resolve(undefined));
    try {
      await Promise.race([settled, promise]);
    } finally {
      cancel();
    }
  }
}

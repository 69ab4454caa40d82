/**
 * Who gets which partition number, as the group's leader decides it for all (KIP-429's rules in small): members keep what
 * they have up to a fair share, and a number that moves is given to nobody until its owner has let it go. So tasks that
 * stay never stop, and no number has two owners who follow the rules.
 */
export interface Claim {
  readonly memberId: string;
  /** What the member works on now. */
  readonly owned: readonly number[];
  /** Of the assignment it got them by: the older of two claims is void. */
  readonly generation: number;
}

/** What each member may work on now; the same for the same claims, in whatever order they come. */
export function assignPartitions(partitions: number, claims: readonly Claim[]): ReadonlyMap<string, readonly number[]> {
  const owners = ownersOf(partitions, claims);
  const held = new Map(claims.map(({ memberId }) => [memberId, [] as number[]]));
  owners.forEach((owner, partition) => {
    if (owner !== undefined) held.get(owner)!.push(partition);
  });
  // Those who hold most take the larger shares, so that least moves.
  const members = [...held.keys()].sort((a, b) => held.get(b)!.length - held.get(a)!.length || (a < b ? -1 : 1));
  const larger = partitions % members.length;
  const share = (index: number): number => Math.floor(partitions / members.length) + (index < larger ? 1 : 0);
  const given = new Map(members.map((memberId, index) => [memberId, held.get(memberId)!.slice(0, share(index))]));
  const free = [...owners.keys()].filter((partition) => owners[partition] === undefined);
  members.forEach((memberId, index) => {
    const own = given.get(memberId)!;
    while (own.length < share(index) && free.length > 0) own.push(free.shift()!);
  });
  // Numbers taken from somebody above are in nobody's list yet: the next round gives them away.
  return given;
}

function ownersOf(partitions: number, claims: readonly Claim[]): readonly (string | undefined)[] {
  const owners = new Array<string | undefined>(partitions).fill(undefined);
  const since = new Array<number>(partitions).fill(-1);
  for (const { memberId, owned, generation } of [...claims].sort((a, b) => (a.memberId < b.memberId ? -1 : 1))) {
    for (const partition of owned) {
      if (partition >= partitions || generation <= since[partition]!) continue;
      owners[partition] = memberId;
      since[partition] = generation;
    }
  }
  return owners;
}

/**
 * A customer as committed: read from the changelog, so that it works whether or not a task runs, in any process. The answer is as
 * old as the last commit, and says so (`clock`).
 */
import { TaskRules, PlanSource, type RulesMeta } from '../../core/domain/evaluation/applied-rules.ts';
import type { AppliedRules, Customer } from '../../core/domain/evaluation/customer.ts';
import type { Catalogue } from '../../core/domain/language/catalogue.ts';
import { decodeProfile, dueOf } from '../../core/domain/profile/codec.ts';
import { isMetaKey, isPageKey, keyOf, pageOf } from '../../core/streams/changelog-keys.ts';
import { hashOf } from '../../core/streams/key-order.ts';
import type { Log } from '../../core/streams/log.ts';
import { decodeMeta, type Meta } from '../../core/streams/meta.ts';
import { partitionFor } from '../../core/streams/partitioner.ts';
import { readTopic } from '../read-topic.ts';

export interface StoredCustomer {
  readonly customer: Customer;
  readonly rules: AppliedRules;
  readonly partition: number;
  /** The task clock at the last commit, ms UTC. */
  readonly clock: number;
}

/** Undefined when the customer has no state. */
export async function readStoredCustomer(
  log: Log,
  changelog: string,
  partitions: number,
  catalogue: Catalogue,
  customerId: string,
  signal: AbortSignal,
): Promise<StoredCustomer | undefined> {
  const partition = partitionFor(Buffer.from(customerId), partitions);
  const pages: (Uint8Array | undefined)[] = [];
  let meta: Meta | undefined;
  for await (const { key, value, offset } of readTopic(log, changelog, {
    from: 'beginning',
    follow: false,
    signal,
    partitions: [partition],
  })) {
    if (key === null) continue;
    if (isMetaKey(key)) meta = value === null ? meta : decodeMeta(value, { changelog, partition, offset });
    else if (isPageKey(key) && keyOf(key) === customerId) pages[pageOf(key)] = value ?? undefined;
  }
  if (pages[0] === undefined || meta === undefined) return undefined;
  const rules = new TaskRules(catalogue, new PlanSource(), (meta.processor as { readonly rules: RulesMeta }).rules);
  const profile = decodeProfile(customerId, pages);
  // A slice that found nothing to change has not written the profile (D3): the range of its hash answers for it.
  const through = meta.ranges.find((range) => hashOf(customerId) < range.below)?.offset ?? -1;
  const at = rules.at(Math.max(profile.rulesOffset, through));
  if (at.offset > profile.rulesOffset) {
    profile.rulesOffset = at.offset;
    // Somebody who was never evaluated has no now of their own.
    if (profile.asOf > -Infinity) profile.asOf = Math.max(profile.asOf, profile.firedThrough, at.effectiveFrom);
    profile.firedThrough = profile.asOf;
  }
  return {
    customer: { profile, standing: undefined, memory: undefined, due: dueOf(pages[0]) },
    rules: at,
    partition,
    clock: meta.clock,
  };
}

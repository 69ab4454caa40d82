/**
 * Why a customer enters a segment at just that instant, where it is not an event that says so: an absence can be told only of a
 * time of which everything is known (E3), so the date may come from the feed or from the customer's tenure.
 */
import type { SegmentNow } from '../../core/domain/evaluation/explain.ts';
import type { Catalogue } from '../../core/domain/language/catalogue.ts';
import { durationInWords } from '../../core/domain/time/duration.ts';
import type { StoredCustomer } from './stored-customer.ts';

/** One sentence for a person; undefined where the date needs none. `instant` writes an instant. */
export function enterDateInWords(
  stored: StoredCustomer,
  catalogue: Catalogue,
  segment: SegmentNow,
  instant: (ms: number) => string,
): string | undefined {
  const at = segment.member ? segment.enteredAt : segment.next?.entered === true ? segment.next.at : null;
  if (at === null) return undefined;
  for (const { feed, tenure, windowMs } of absencesOf(stored, segment.number)) {
    if (Math.max(feed, tenure) + windowMs !== at) continue;
    const whose =
      feed >= tenure
        ? `all these events are known only from ${instant(feed)} on`
        : `the customer is known only from ${instant(tenure)} on`;
    return `${whose}, and ${durationInWords(windowMs)} have to pass`;
  }
  const isDeclared = catalogue.sets.some(({ coverageOnly, dueAt }) => coverageOnly && dueAt === at);
  return isDeclared ? 'it was declared then since when the feed is whole; before, nobody could know' : undefined;
}

interface Absence {
  /** From when on all events it looks at are known, ms UTC. */
  readonly feed: number;
  readonly tenure: number;
  readonly windowMs: number;
}

function absencesOf({ customer, rules }: StoredCustomer, ruleNumber: number): readonly Absence[] {
  const { plan, births } = rules;
  return (plan.rule(ruleNumber)?.leaves ?? []).flatMap(({ id }): Absence[] => {
    const comparison = plan.comparisons[id]!;
    if (comparison.kind !== 'series' || comparison.condition.kind !== 'none') return [];
    const feed = Math.max(plan.series[comparison.slot]!.wholeFrom, births.bornAt[comparison.slot]!);
    return [{ feed, tenure: customer.profile.tenure, windowMs: comparison.condition.ms }];
  });
}

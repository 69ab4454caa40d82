/** What a membership waits for, and what comes next, for a person. */
import type { SegmentNow } from '../../core/domain/evaluation/explain.ts';
import type { Listed, Membership } from '../../core/domain/language/ast.ts';
import { instant } from '../instants.ts';

/** Not in, and yet there is something to tell: about to enter, or kept out by hand. */
export function isPending({ kind }: SegmentNow['state']): boolean {
  return kind === 'confirming' || kind === 'cooldown' || kind === 'excluded';
}

/** Undefined where there is nothing to say. `membership` and `customer`: to say who put the customer on a list. */
export function stateInWords(
  { state, member }: SegmentNow,
  membership?: Membership,
  customer?: string,
): string | undefined {
  const { kind, until } = state;
  const end = until === null ? '' : instant(until);
  switch (kind) {
    case 'plain':
      return undefined;
    case 'confirming':
      return `confirming, enters ${end} if it stays so`;
    case 'cooldown':
      return `left a short while ago, enters ${end} if it stays so`;
    case 'spent':
      return 'has had its longest stay; enters again only after the rule was false once';
    case 'grace':
      return `in grace until ${end}`;
    case 'minStay':
      return `stays at least until ${end}`;
    case 'maxStay':
      return `stays at most until ${end}`;
    case 'included':
      return `listed as in${byWhom(membership?.include, customer)}${until === null ? '' : `, until ${end}`}`;
    case 'excluded':
      return `listed as out${byWhom(membership?.exclude, customer)}${until === null ? '' : `, until ${end}`}`;
    case 'noConsent':
      return `${member ? 'in' : 'out'}: there is no consent${membership === undefined || membership.consent === null ? '' : ` for ${membership.consent}`}`;
  }
}

function byWhom(list: readonly Listed[] | undefined, customer: string | undefined): string {
  const entry = list?.findLast((one) => one.customer === customer);
  return entry === undefined ? '' : ` by ${entry.author} (${entry.reason})`;
}

/** Undefined where time alone changes nothing. */
export function nextInWords({ next, group }: SegmentNow): string | undefined {
  if (next === null) return undefined;
  const verb = next.entered ? (group === null ? 'enters' : 'moves here') : group === null ? 'leaves' : 'moves on';
  return `${verb} at ${instant(next.at)} unless something happens before`;
}

/** A change as a row of `changes`, and what it makes of a stay in `memberships`. */
import type { Change } from '../core/domain/events/change.ts';
import { instant, instantOrNull, integer, integers, LATEST_MS, text } from './tsv.ts';

export const CHANGE_COLUMNS: readonly string[] = (
  'src_partition src_offset customer_id life seq ordinal of number segment version kind member_from member_to effective_at ' +
  'decided_at entered_at cause cause_id cause_topic cause_offset rules_offset segments reason'
).split(' ');

export const MEMBERSHIP_COLUMNS: readonly string[] =
  'number customer_id life entered_at exited_at segment seq src_partition src_offset'.split(' ');

/** One line of TabSeparated in the order of `CHANGE_COLUMNS`. */
export function changeRow(change: Change, partition: number, offset: number): string {
  return (
    `${partition}\t${offset}\t${text(change.customerId)}\t${change.life}\t${change.seq}\t${change.index}\t${change.of}\t` +
    `${change.number}\t${text(change.segment)}\t${change.version}\t${change.kind}\t${text(change.from)}\t${text(change.to)}\t` +
    `${instant(change.effectiveAt)}\t${instant(change.decidedAt)}\t${instantOrNull(change.enteredAt)}\t${change.cause}\t` +
    `${text(change.causeId)}\t${text(change.causeTopic)}\t${integer(change.causeOffset)}\t${change.rulesOffset}\t` +
    `${integers(change.segments)}\t${text(change.reason)}\n`
  );
}

/**
 * The stay's row: open at entry, the same key with its end at exit (S5 orders the two by seq). Undefined for a move within
 * a group, which has no number of its own for each member.
 */
export function membershipRow(change: Change, partition: number, offset: number): string | undefined {
  if (change.kind === 'moved') return undefined;
  const enteredAt = change.kind === 'entered' ? change.effectiveAt : change.enteredAt;
  // An exit without its entry is a stay of which nothing but the end is known; it makes no row.
  if (enteredAt === null) return undefined;
  const exitedAt = change.kind === 'entered' ? LATEST_MS : change.effectiveAt;
  return (
    `${change.number}\t${text(change.customerId)}\t${change.life}\t${instant(enteredAt)}\t${instant(exitedAt)}\t` +
    `${text(change.segment)}\t${change.seq}\t${partition}\t${offset}\n`
  );
}

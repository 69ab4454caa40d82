/** A change as a row of `changes`, and what it makes of stays in `memberships`. */
import type { Change } from '../core/domain/events/change.ts';
import { Fault } from '../core/faults.ts';
import { instant, instantOrNull, integer, integers, LATEST_MS, text } from './tsv.ts';

export const CHANGE_COLUMNS: readonly string[] = (
  'src_partition src_offset customer_id life seq ordinal of number segment version kind group_key member_from member_to ' +
  'number_from effective_at decided_at entered_at cause cause_id cause_topic cause_offset rules_offset segments reason'
).split(' ');

export const MEMBERSHIP_COLUMNS: readonly string[] =
  'number customer_id life entered_at exited_at segment seq src_partition src_offset'.split(' ');

/** One line of TabSeparated in the order of `CHANGE_COLUMNS`. */
export function changeRow(change: Change, partition: number, offset: number): string {
  return (
    `${partition}\t${offset}\t${text(change.customerId)}\t${change.life}\t${change.seq}\t${change.index}\t${change.of}\t` +
    `${change.number}\t${text(change.segment)}\t${change.version}\t${change.kind}\t${text(change.group)}\t${text(change.from)}\t` +
    `${text(change.to)}\t${change.fromNumber ?? 0}\t${instant(change.effectiveAt)}\t${instant(change.decidedAt)}\t` +
    `${instantOrNull(change.enteredAt)}\t${change.cause}\t${text(change.causeId)}\t${text(change.causeTopic)}\t` +
    `${integer(change.causeOffset)}\t${change.rulesOffset}\t${integers(change.segments)}\t${text(change.reason)}\n`
  );
}

/**
 * Rows of the stays a change begins and ends: open at entry, the same key with its end at exit (S5 orders the two by seq). A
 * move within a group makes both at once, two lines that are inserted together or not at all. Undefined where it makes none.
 */
export function membershipRow(change: Change, partition: number, offset: number): string | undefined {
  const { kind, group, from, fromNumber, enteredAt, effectiveAt } = change;
  const stay = (number: number, segment: string, enteredAt: number, exitedAt: number): string =>
    `${number}\t${text(change.customerId)}\t${change.life}\t${instant(enteredAt)}\t${instant(exitedAt)}\t` +
    `${text(segment)}\t${change.seq}\t${partition}\t${offset}\n`;
  const begun = kind === 'exited' ? '' : stay(change.number, change.segment, effectiveAt, LATEST_MS);
  let ended = '';
  // An exit without its entry is a stay of which nothing but the end is known; it makes no row.
  if (kind === 'exited' && enteredAt !== null) ended = stay(change.number, change.segment, enteredAt, effectiveAt);
  if (kind === 'moved' && enteredAt !== null && fromNumber !== null)
    ended = stay(fromNumber, `${group}/${from}`, enteredAt, effectiveAt);
  const lines = ended + begun;
  return lines === '' ? undefined : lines;
}

/** The change, if it says of which member a move ends the stay. Throws RECORD_UNDECODABLE: the number is not to be guessed. */
export function checkedMove(change: Change): Change {
  const { kind, group, from, to, fromNumber, enteredAt } = change;
  if (kind !== 'moved') return change;
  const isWhole =
    group !== null &&
    to !== null &&
    (from === null) === (fromNumber === null) &&
    (from === null) === (enteredAt === null);
  if (isWhole) return change;
  throw new Fault('RECORD_UNDECODABLE', 'The move does not say which membership of which group it ends and begins.', {
    facts: { move: JSON.stringify({ group, from, fromNumber, enteredAt, to }) },
  });
}

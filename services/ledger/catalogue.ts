/**
 * The fold of the definitions topic (D1) as rows of `segments`: one per version, rewritten when it is retired. A group has a
 * row for each of its members, which are what customers are in; one that a version no longer has is retired by that version.
 */
import type { DefinitionRecord } from '../core/domain/events/definition-record.ts';
import { Catalogue, type LiveGroup, type LiveSegment } from '../core/domain/language/catalogue.ts';
import { flag, instant, text } from './tsv.ts';

export const SEGMENT_COLUMNS: readonly string[] = (
  'number version segment name goal owner group_key group_name priority is_default retired published_at effective_from ' +
  'definition src_partition src_offset'
).split(' ');

/** A segment, or a member of a group, as a row shows it. */
interface Shown {
  readonly number: number;
  readonly key: string;
  readonly name: string;
  /** The member's own come before those of its group. */
  readonly about: Readonly<Record<string, unknown>>;
  readonly group: { readonly key: string; readonly name: string } | null;
  /** Place in the order of the group, from 1; 0 outside of one. */
  readonly priority: number;
  readonly isDefault: boolean;
}

/** Rows in the order of `SEGMENT_COLUMNS`. Must be given every record of the topic, from the first, in order. */
export class SegmentRows {
  readonly #catalogue: Catalogue;

  /** The delay and the zone of every other reader of the topic: they decide what is refused, and when a record is in force. */
  constructor(effectiveAfterMs: number, zone: string) {
    this.#catalogue = new Catalogue({ effectiveAfterMs, zone });
  }

  /** The rows a record makes, one line each; undefined for one that is refused or is about no segment. */
  row(record: DefinitionRecord, partition: number, offset: number): string | undefined {
    const before = this.#catalogue.current(record.key);
    if (this.#catalogue.fold(offset, record) !== undefined) return undefined;
    const after = this.#catalogue.current(record.key);
    const live = after ?? before;
    if (live === undefined || (record.kind !== 'segment' && record.kind !== 'retire')) return undefined;
    const shown = after === undefined ? [] : shownOf(after);
    const kept = new Set(shown.map(({ number }) => number));
    const gone = before === undefined ? [] : shownOf(before).filter(({ number }) => !kept.has(number));
    const line = (one: Shown, retired: boolean): string =>
      this.#line(one, live.version, retired, record, partition, offset);
    return [...shown.map((one) => line(one, false)), ...gone.map((one) => line(one, true))].join('');
  }

  #line(
    shown: Shown,
    version: number,
    retired: boolean,
    record: DefinitionRecord,
    partition: number,
    offset: number,
  ): string {
    const about = (name: string): string => {
      const value = shown.about[name];
      return typeof value === 'string' ? text(value) : '';
    };
    return (
      `${shown.number}\t${version}\t${text(shown.key)}\t${text(shown.name)}\t${about('goal')}\t${about('owner')}\t` +
      `${text(shown.group?.key ?? null)}\t${text(shown.group?.name ?? null)}\t${shown.priority}\t${flag(shown.isDefault)}\t` +
      `${flag(retired)}\t${instant(record.publishedAt)}\t${instant(this.#catalogue.sets.at(-1)!.dueAt)}\t` +
      `${text(retired ? '' : record.body)}\t${partition}\t${offset}\n`
    );
  }
}

function shownOf(live: LiveSegment | LiveGroup): readonly Shown[] {
  const { key, name, about } = live.definition;
  if (!('numbers' in live))
    return [{ number: live.number, key, name, about, group: null, priority: 0, isDefault: false }];
  const { members, default: fallback } = live.definition;
  return members.map((member, index) => ({
    number: live.numbers.get(member.key)!,
    key: `${key}/${member.key}`,
    name: member.name,
    about: { ...about, ...member.about },
    group: { key, name },
    priority: index + 1,
    isDefault: member.key === fallback,
  }));
}

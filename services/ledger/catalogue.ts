/** The fold of the definitions topic (D1) as rows of `segments`: one per version, rewritten when it is retired. */
import type { DefinitionRecord } from '../core/domain/events/definition-record.ts';
import { Catalogue, type LiveSegment } from '../core/domain/language/catalogue.ts';
import { flag, instant, text } from './tsv.ts';

export const SEGMENT_COLUMNS: readonly string[] =
  'number version segment name goal owner retired published_at effective_from definition src_partition src_offset'.split(
    ' ',
  );

/** Rows in the order of `SEGMENT_COLUMNS`. Must be given every record of the topic, from the first, in order. */
export class SegmentRows {
  readonly #catalogue: Catalogue;

  constructor(effectiveAfterMs: number) {
    this.#catalogue = new Catalogue(effectiveAfterMs);
  }

  /** The row a record makes; undefined for one that is refused or is about no segment. */
  row(record: DefinitionRecord, partition: number, offset: number): string | undefined {
    const before = this.#catalogue.current(record.key);
    if (this.#catalogue.fold(offset, record) !== undefined) return undefined;
    if (record.kind === 'segment') return this.#line(this.#catalogue.current(record.key)!, record, partition, offset);
    return record.kind === 'retire' && before !== undefined ? this.#line(before, record, partition, offset) : undefined;
  }

  #line(segment: LiveSegment, record: DefinitionRecord, partition: number, offset: number): string {
    const { number, version, definition } = segment;
    const about = (name: string): string => {
      const value = definition.about[name];
      return typeof value === 'string' ? text(value) : '';
    };
    const retired = record.kind === 'retire';
    return (
      `${number}\t${version}\t${text(record.key)}\t${text(definition.name)}\t${about('goal')}\t${about('owner')}\t${flag(retired)}\t` +
      `${instant(record.publishedAt)}\t${instant(this.#catalogue.sets.at(-1)!.dueAt)}\t${text(retired ? '' : record.body)}\t` +
      `${partition}\t${offset}\n`
    );
  }
}

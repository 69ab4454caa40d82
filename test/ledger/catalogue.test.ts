import { describe, expect, it } from 'vitest';
import type { DefinitionRecord } from '../../services/core/domain/events/definition-record.ts';
import { SEGMENT_COLUMNS, SegmentRows } from '../../services/ledger/catalogue.ts';
import { definition, groupDefinition } from './records.ts';

/** Rows of each record by the columns that tell one from another. */
function rowsOf(records: readonly DefinitionRecord[]): (string[] | undefined)[] {
  const rows = new SegmentRows(5_000, 'UTC');
  return records.map((record, offset) =>
    rows
      .row(record, 0, offset)
      ?.trimEnd()
      .split('\n')
      .map((line) => {
        const fields = line.split('\t');
        const field = (name: string): string => fields[SEGMENT_COLUMNS.indexOf(name)]!;
        const retired = field('retired') === '1' ? ' retired' : '';
        return `${field('number')} ${field('segment')} v${field('version')} ${field('priority')}${retired}`;
      }),
  );
}

const smaller = JSON.stringify({
  group: 'tier',
  name: 'Group tier',
  order: ['gold', 'basic'],
  default: 'basic',
  members: { gold: { enter: { count: { event: 'purchase' }, atLeast: 20 } }, basic: {} },
});
const whole = groupDefinition('tier');
const all = [whole, definition(1), { ...whole, basedOn: 0, body: smaller }, { ...whole, basedOn: 2 }];
const ended: DefinitionRecord = { ...whole, kind: 'retire', basedOn: 3, body: '{}' };

describe('the rows of definitions', () => {
  it('name each member of a group, and retire the one that a version no longer has', () => {
    expect(rowsOf(all)).toEqual([
      ['2 tier/gold v1 1', '3 tier/silver v1 2', '4 tier/basic v1 3'],
      ['5 segment-1 v1 0'],
      ['2 tier/gold v2 1', '4 tier/basic v2 2', '3 tier/silver v2 2 retired'],
      ['2 tier/gold v3 1', '3 tier/silver v3 2', '4 tier/basic v3 3'],
    ]);
  });

  it('retire all members with their group', () => {
    expect(rowsOf([...all, ended]).at(-1)).toEqual([
      '2 tier/gold v3 1 retired',
      '3 tier/silver v3 2 retired',
      '4 tier/basic v3 3 retired',
    ]);
  });

  it('leave out what the fold refuses', () => {
    expect(rowsOf([whole, { ...whole, basedOn: null }])[1]).toBeUndefined();
  });
});

import { INPUTS, type Input } from '../../core/domain/events/header.ts';
import { refusalsOf } from '../../platform/registry/validate.ts';
import { compileCondition, type Condition } from './condition.ts';
import { noCounts, type ImportCounts } from './counts.ts';
import { cellsOf, type CsvRecord } from './csv-splitter.ts';
import { Environment, Refusal, type RowContext } from './environment.ts';
import { eventFields } from './event-fields.ts';
import { compileEvent, identityOf, type EventPlan, type MappedEvent } from './event-plan.ts';
import type { RowGroup } from './grouping.ts';
import type { Mapping } from './mapping.ts';
import type { ReadMapping } from './read-mapping.ts';
import type { CompiledValue } from './cell-value.ts';
import { notASymbol } from './target.ts';
import { compileValue } from './value.ts';

/** A row that makes no event, with the column and the reason; `text` is the row as it came. */
export interface Reject {
  readonly row: number;
  readonly column: string;
  readonly reason: string;
  readonly text: string;
}

export interface MapperOptions {
  /** Names the file in ids of rows that have no identity of their own. */
  readonly fileId: string;
  readonly baseCurrency: string | undefined;
  readonly reject: (reject: Reject) => void;
}

type Row = { readonly row: number; readonly text: string; readonly cells: readonly string[] };

/**
 * Rows to events. All or nothing: a row (in a group: all its rows) one of whose events is refused makes none, so the
 * rejects file can be corrected and imported by itself.
 */
export class EventMapper {
  readonly counts: ImportCounts = noCounts();
  readonly #mapping: Mapping;
  readonly #options: MapperOptions;
  readonly #width: number;
  readonly #plans: readonly EventPlan[];
  readonly #skips: readonly { readonly when: Condition; readonly as: string }[];
  readonly #identity: readonly ((cells: readonly string[]) => string | undefined)[];
  readonly #identityColumns: string;
  readonly #acceptWidth: number;
  /** Of a history: the instant its rows are put in order by. */
  readonly #at: CompiledValue | undefined;
  readonly isGrouped: boolean;

  /** Throws MAPPING_INVALID with everything in the mapping that does not fit the file or our events. */
  constructor({ mapping, mistakes }: ReadMapping, header: readonly string[], options: MapperOptions) {
    this.#mapping = mapping;
    this.#options = options;
    this.#width = header.length;
    const env = new Environment(mapping, header, mistakes);
    const single = new Environment({ ...mapping, rows: undefined }, header, mistakes);
    const { rows } = mapping;
    this.isGrouped = env.mode !== 'row';
    const columns =
      rows === undefined ? [] : 'group' in rows ? rows.group : 'history' in rows ? rows.history : rows.identity;
    this.#identityColumns = columns.join(', ');
    this.#identity = columns.map((column, index) =>
      single.reader(column, ['rows', Object.keys(rows ?? {})[0]!, index]),
    );
    this.#skips = mapping.skip.map(({ when, as }, index) => ({
      when: compileCondition(when, ['skip', index, 'when'], single),
      as,
    }));
    this.#acceptWidth = single.width;
    this.#at = rows !== undefined && 'at' in rows ? compileValue(rows.at, ['rows', 'at'], single) : undefined;
    this.#plans = mapping.events.map((spec, index) => compileEvent(spec, ['events', index], env, options));
    const names = new Set<string>();
    for (const [index, { name }] of this.#plans.entries()) {
      if (names.has(name)) mistakes.add(['events', index], `a second entry makes ${name}: give one of them a name`);
      names.add(name);
    }
    checkCoverage(mapping, mistakes);
    mistakes.throwIfAny();
  }

  /** The key of a record's group, or of the record itself; undefined when it is skipped or refused. */
  accept(record: CsvRecord): string | undefined {
    this.counts.rows++;
    try {
      // Only what skipping and grouping look at: all cells are split when the row is mapped.
      const cells = this.#cellsOf(record, this.#acceptWidth);
      const context: RowContext = { rows: [cells], index: 0 };
      const skip = this.#skips.find(({ when }) => when(context));
      if (skip !== undefined) {
        this.counts.skipped[skip.as] = (this.counts.skipped[skip.as] ?? 0) + 1;
        return undefined;
      }
      return this.#keyOf(record, cells);
    } catch (error) {
      this.#refused(record, error);
      return undefined;
    }
  }

  /** The events of one row of a file whose rows stand by themselves. */
  mapRow(record: CsvRecord, key: string): readonly MappedEvent[] {
    return this.mapGroup({ key, rows: [record.row], texts: [record.text] });
  }

  /** The events of all rows with one key. */
  mapGroup(group: RowGroup): readonly MappedEvent[] {
    const rows: Row[] = [];
    for (const [index, row] of group.rows.entries()) {
      const record = { row, text: group.texts[index]! };
      try {
        rows.push({ ...record, cells: this.#wholeRow(record) });
      } catch (error) {
        this.#refused(record, error);
      }
    }
    if (this.#at !== undefined) return this.#mapHistory(rows, group.key, this.#at);
    if (rows.length < group.rows.length) {
      for (const row of rows) this.#reject(row, '', 'belongs to a group of which another row is rejected');
      return [];
    }
    return this.#mapAt(rows, { rows: rows.map(({ cells }) => cells), index: 0 }, () => group.key);
  }

  #cellsOf({ text }: CsvRecord, most?: number): readonly string[] {
    const cells = cellsOf(text, this.#mapping.file.delimiter, most);
    if (cells === undefined) throw new Refusal('', 'a quoted cell is not closed, or goes on behind its quote');
    return cells;
  }

  #wholeRow(record: CsvRecord): readonly string[] {
    const cells = this.#cellsOf(record);
    if (cells.length !== this.#width) {
      throw new Refusal('', `has ${cells.length} cells where the header has ${this.#width}`);
    }
    if (record.text.includes(REPLACEMENT)) {
      throw new Refusal('', `is not written in ${this.#mapping.file.encoding}: set file.encoding`);
    }
    return cells;
  }

  #keyOf(record: CsvRecord, cells: readonly string[]): string {
    if (this.#identity.length === 0) return `${this.#options.fileId}:${record.row}`;
    const parts = this.#identity.map((read) => read(cells));
    if (parts.every((part) => part === undefined)) throw new Refusal('', `${this.#identityColumns} is empty`);
    return identityOf(parts);
  }

  #mapHistory(rows: readonly Row[], key: string, at: CompiledValue): readonly MappedEvent[] {
    const dated = rows.flatMap((row) => {
      try {
        const instant = Number(at.of({ rows: [row.cells], index: 0 }));
        if (!Number.isNaN(instant)) return [{ row, instant }];
        this.#reject(row, at.column, 'says not when it was written');
      } catch (error) {
        this.#refused(row, error);
      }
      return [];
    });
    dated.sort((a, b) => a.instant - b.instant || a.row.row - b.row.row);
    const times = new Map<EventPlan, number>();
    const context: RowContext = { rows: [], index: 0 };
    const seen: (readonly string[])[] = [];
    context.rows = seen;
    return dated.flatMap(({ row }, index) => {
      seen.push(row.cells);
      context.index = index;
      return this.#mapAt([row], context, (plan) => {
        const time = (times.get(plan) ?? 0) + 1;
        times.set(plan, time);
        return time > 1 && plan.once ? undefined : `${key}:${time}`;
      });
    });
  }

  /** Makes the events of the rows at hand; `identify` names one, or says that it does not come again. */
  #mapAt(
    rows: readonly Row[],
    context: RowContext,
    identify: (plan: EventPlan) => string | undefined,
  ): readonly MappedEvent[] {
    const made: MappedEvent[] = [];
    let withoutCustomer = 0;
    try {
      for (const [index, plan] of this.#plans.entries()) {
        if (!plan.when(context)) continue;
        const identity = identify(plan);
        if (identity === undefined) continue;
        const event = plan.make(context, identity);
        if (event === undefined) {
          withoutCustomer++;
          continue;
        }
        const [wrong] = refusalsOf(event.input, event.event);
        if (wrong !== undefined) throw new Refusal('', `${wrong.field}: ${wrong.message}`);
        const changeKey = plan.onlyChanges ? `${plan.name}:${event.event.customerId}` : undefined;
        made.push({ ...event, at: event.event.occurredAt, row: rows[0]!.row, index, changeKey });
      }
    } catch (error) {
      const [first, ...others] = rows;
      this.#refused(first!, error);
      for (const other of others)
        this.#reject(other, '', `belongs to the event of row ${first!.row}, which is rejected`);
      return [];
    }
    this.counts.unknownCustomerEvents += withoutCustomer;
    for (const one of made) this.#countMoney(one);
    if (made.length > 0) this.counts.mapped += rows.length;
    else if (withoutCustomer > 0) this.counts.unknownCustomer += rows.length;
    else this.counts.silent += rows.length;
    return made;
  }

  #countMoney({ input, event }: MappedEvent): void {
    if (input !== 'purchases' || event.amountBaseMinor !== null) return;
    const { withoutBaseAmount } = this.counts;
    withoutBaseAmount[event.currency] = (withoutBaseAmount[event.currency] ?? 0) + 1;
  }

  #refused(record: CsvRecord, error: unknown): void {
    if (!(error instanceof Refusal)) throw error;
    this.#reject(record, error.column, error.message);
  }

  #reject(record: CsvRecord, column: string, reason: string): void {
    this.counts.rejected++;
    this.#options.reject({ row: record.row, column, reason, text: record.text });
  }
}

/** What a decoder puts where bytes are not in the file's encoding. */
const REPLACEMENT = '\ufffd';

/** A kind that no event can have would make nothing whole, and nobody would see it. */
function checkCoverage({ coverage, events }: Mapping, mistakes: ReadMapping['mistakes']): void {
  const used = new Set<Input>(events.map(({ input }) => input));
  for (const [index, { input, kinds }] of coverage.entries()) {
    if (!used.has(input)) mistakes.add(['coverage', index, 'input'], `the mapping makes no events of ${input}`);
    if (!INPUTS.slice(0, 3).includes(input)) {
      mistakes.add(['coverage', index, 'input'], 'only interactions, purchases and surveys are fed by kind');
    } else if (kinds !== '*') {
      const type = eventFields(input).fields.get('kind')?.type;
      const known = type?.is === 'enum' ? type.symbols : [];
      for (const [place, kind] of kinds.entries()) {
        if (!known.includes(kind)) mistakes.add(['coverage', index, 'kinds', place], notASymbol(kind, known));
      }
    }
  }
}

/** What an import says when it is done: every row accounted for, events by input. */
import { INPUTS } from '../../core/domain/events/header.ts';
import type { DeclaredCoverage } from '../../core/domain/events/import-mark.ts';
import type { ImportCounts } from '../../ingest/import/counts.ts';
import type { MappedEvent } from '../../ingest/import/event-plan.ts';
import type { Output } from '../output.ts';
import { formatCount } from '../text.ts';

interface Line {
  readonly what: string;
  readonly count: number;
}

export function showCounts(output: Output, counts: ImportCounts): void {
  const lines: Line[] = [
    { what: 'rows read', count: counts.rows },
    { what: 'rows mapped to events', count: counts.mapped },
    ...Object.entries(counts.skipped).map(([as, count]) => ({ what: `rows skipped: ${as}`, count })),
    { what: 'rows without a customer', count: counts.unknownCustomer },
    { what: 'rows that say nothing new', count: counts.silent },
    { what: 'rows rejected', count: counts.rejected },
    { what: 'events left out: nothing changed', count: counts.unchanged },
    ...INPUTS.map((input) => ({ what: `events: ${input}`, count: counts.events[input] })),
    ...Object.entries(counts.withoutBaseAmount).map(([currency, count]) => {
      return { what: `purchases in ${currency}, without base amount`, count };
    }),
  ];
  output.table(
    [
      { title: 'WHAT', cell: ({ what }) => what },
      { title: 'COUNT', cell: ({ count }) => formatCount(count), align: 'right' },
    ],
    lines.filter(({ count }, index) => count > 0 || index === 0),
  );
}

/** Amounts that no rule and no view can sum, with what to do about it; nothing where there are none. */
export function tellMoney(output: Output, counts: ImportCounts, workspaceCurrency: string): void {
  const currencies = Object.entries(counts.withoutBaseAmount);
  if (currencies.length === 0) return;
  const each = currencies.map(([currency, count]) => `${formatCount(count)} in ${currency}`).join(', ');
  const what = `Purchases ${each}: the workspace counts ${workspaceCurrency}, so these amounts are in no sum.`;
  output.talk(output.talkPaint.yellow(what));
  const own =
    currencies.length === 1 ? ` or, for a new data directory, set workspace.currency to ${currencies[0]![0]}` : '';
  output.talk(`Map amountBaseMinor (the amount times the rate of its day)${own}.`);
}

export function coverageInWords({ input, kinds, since }: DeclaredCoverage): string {
  const from = since === 'always' ? 'always' : `since ${new Date(since).toISOString()}`;
  return `${input} (${kinds === '*' ? 'all kinds' : kinds.join(', ')}) ${from}`;
}

/** An event as a person checks it: what is set, in one line of JSON. */
export function eventInWords({ input, event, row }: MappedEvent): string {
  const said = Object.entries(event).filter(([name, value]) => name !== 'receivedAt' && isSaid(value));
  const fields = Object.fromEntries(
    said.map(([name, value]) => [name, name.endsWith('At') ? instantOf(value) : value]),
  );
  return `row ${row}  ${input}  ${JSON.stringify(fields, (_key, value: unknown) => (isSaid(value) ? value : undefined))}`;
}

function isSaid(value: unknown): boolean {
  return value !== null && (typeof value !== 'object' || Object.keys(value).length > 0);
}

function instantOf(value: unknown): unknown {
  return typeof value === 'number' ? new Date(value).toISOString() : value;
}

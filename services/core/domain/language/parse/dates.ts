/** Tests of an instant: of a trait, or of a field of the newest event. */
import type { Condition, DateSource, DateTest } from '../ast.ts';
import { eventFilter } from './filters.ts';
import type { Entry, Parsing, Path } from './parsing.ts';
import { fieldSpecs } from './specs.ts';

export const DATE_OPS = ['withinLast', 'withinNext', 'olderThan', 'anniversary'] as const;
type DateOp = (typeof DATE_OPS)[number];

const UNITS = { d: 'day', w: 'week', mo: 'month', y: 'year' } as const;

export function dateCondition(p: Parsing, entry: Entry, path: Path): Condition {
  const given = DATE_OPS.filter((op) => entry[op] !== undefined);
  if (given.length !== 1)
    p.mistake(
      path,
      given.length === 0
        ? `needs one of ${DATE_OPS.join(', ')}`
        : `has ${given.join(' and ')}; join two conditions with all`,
    );
  const last = (entry['date'] as Entry)['last'] as Entry;
  return dateOf(p, given[0] ?? 'withinLast', entry, field(p, last, [...path, 'date', 'last']), path);
}

/** The one of the tests that was asked. */
export function dateOf(p: Parsing, op: DateOp, entry: Entry, source: DateSource, path: Path): Condition {
  return { kind: 'date', source, test: dateTest(p, op, entry[op], [...path, op]), zone: p.zoneOf(entry['zone'], path) };
}

function field(p: Parsing, body: Entry, path: Path): DateSource {
  const filter = eventFilter(p, body, path);
  const name = body['of'] as string;
  const specs = fieldSpecs(p, filter.events, name, [...path, 'of']);
  if (specs.some(({ type }) => type !== 'instant' && type !== 'any'))
    p.mistake([...path, 'of'], `${name} is no instant`);
  return { kind: 'field', filter, field: name };
}

function dateTest(p: Parsing, op: DateOp, asked: unknown, path: Path): DateTest {
  switch (op) {
    case 'withinLast':
    case 'withinNext':
      return { op, ms: asked === undefined ? 1 : p.span(asked as string, path) };
    case 'olderThan': {
      const [, n, unit] = /^([0-9]+)(d|w|mo|y)$/.exec(asked as string)!;
      const years = Number(n) / { d: 366, w: 53, mo: 12, y: 1 }[unit as keyof typeof UNITS];
      if (years > 200) p.mistake(path, 'longer than 200 years');
      return { op, n: Number(n), unit: UNITS[unit as keyof typeof UNITS] };
    }
    case 'anniversary':
      return { op, days: asked === 'today' ? 0 : ((asked as Entry)['withinNextDays'] as number) };
  }
}

/** Measures with their comparison; those of a field that holds texts are compared as texts. */
import type { Condition, EventFilter, Measure, NumberTest, Scalar, TextComparison, TextMeasure } from '../ast.ts';
import { COUNTED_BY_THEMSELVES, type MeasureKey } from '../authored/measures.ts';
import { eventFilter } from './filters.ts';
import { measureOf } from './measures.ts';
import { numberCondition, unitOf } from './number-tests.ts';
import { asList, Parsing, type Entry, type Path } from './parsing.ts';
import { fieldSpecs, type Spec } from './specs.ts';
import { oneOfTests, textTests, type Subject } from './value-tests.ts';

const AT_LEAST_ONE: NumberTest = { op: 'atLeast', value: 1 };
const alone: ReadonlySet<string> = new Set(COUNTED_BY_THEMSELVES);

export function comparison(p: Parsing, key: MeasureKey, entry: Entry, path: Path): Condition {
  const body = entry[key] as Entry;
  if (key === 'mostFrequent' || ((key === 'first' || key === 'last' || key === 'nthLast') && isText(p, body, entry)))
    return textCondition(p, key, body, entry, path);
  return measured(p, measureOf(p, key, body, [...path, key]), entry, path, alone.has(key) ? AT_LEAST_ONE : undefined);
}

function measured(p: Parsing, measure: Measure, entry: Entry, path: Path, otherwise?: NumberTest): Condition {
  return numberCondition(p, entry, unitOf(measure), path, (test) => ({ kind: 'compare', measure, test }), otherwise);
}

const OF_TEXTS = ['contains', 'startsWith', 'endsWith'] as const;

/** By the field's type; a custom field is what it is compared with. */
function isText(p: Parsing, body: Entry, entry: Entry): boolean {
  const trial = new Parsing(p.zone);
  const filter = eventFilter(trial, body, []);
  const specs = fieldSpecs(trial, filter.events, body['of'] as string, []);
  if (specs.length === 0) return false;
  if (!specs.some(({ type }) => type === 'any'))
    return specs.every(({ type }) => type !== 'integer' && type !== 'decimal');
  if (entry['fold'] === true || OF_TEXTS.some((op) => entry[op] !== undefined)) return true;
  return ['equals', 'notEquals', 'in', 'notIn'].some((op) =>
    asList(entry[op]).some((value) => typeof value === 'string' || typeof value === 'boolean'),
  );
}

type TextKey = 'first' | 'last' | 'nthLast' | 'mostFrequent';

function textCondition(p: Parsing, key: TextKey, body: Entry, entry: Entry, path: Path): Condition {
  const within = [...path, key];
  const filter = eventFilter(p, body, within);
  const field = body['of'] as string;
  const specs = fieldSpecs(p, filter.events, field, [...within, 'of']);
  const [bad] = specs.filter(({ type }) => type === 'set' || type === 'instant');
  if (bad !== undefined)
    p.mistake([...within, 'of'], bad.type === 'set' ? `${field} is a set` : `${field} is an instant; ask with date`);
  const measure = textMeasure(p, key, filter, field, body, within);
  return {
    kind: 'text',
    measure,
    test: textTest(p, entry, { name: field, specs: bad === undefined ? specs : [], path }),
  };
}

function textMeasure(
  p: Parsing,
  key: TextKey,
  filter: EventFilter,
  field: string,
  body: Entry,
  path: Path,
): TextMeasure {
  const windowMs = body['within'] === undefined ? null : p.window(body['within'] as string, [...path, 'within']);
  switch (key) {
    case 'first':
      return { kind: 'textFirst', filter, field };
    case 'last':
      return { kind: 'textLast', filter, field, n: 1, withinMs: windowMs };
    case 'nthLast':
      return { kind: 'textLast', filter, field, n: body['n'] as number, withinMs: windowMs };
    case 'mostFrequent': {
      const n = body['lastEvents'] as number | undefined;
      if ((n === undefined) === (windowMs === null)) p.mistake(path, 'needs within or lastEvents, one of them');
      return { kind: 'mostFrequent', filter, field, over: n === undefined ? { windowMs: windowMs ?? 1 } : { n } };
    }
  }
}

const TEXT_OPS = ['equals', 'notEquals', 'in', 'notIn', ...OF_TEXTS] as const;
const NUMBER_OPS = ['atLeast', 'atMost', 'moreThan', 'lessThan', 'between'] as const;

function textTest(p: Parsing, entry: Entry, subject: Subject): TextComparison {
  const wrong = NUMBER_OPS.filter((op) => entry[op] !== undefined);
  for (const op of wrong) p.mistake([...subject.path, op], `${subject.name} is no number`);
  const given = TEXT_OPS.filter((op) => entry[op] !== undefined);
  if (wrong.length === 0 && given.length !== 1)
    p.mistake(
      subject.path,
      given.length === 0
        ? `needs one of ${TEXT_OPS.join(', ')}`
        : `has ${given.join(' and ')}; join two conditions with all`,
    );
  const [test] = [...oneOfTests(p, comparable(entry, subject.specs), subject), ...textTests(p, entry, subject)];
  if (test === undefined) return { op: 'in', values: [] };
  return 'folding' in test ? test : { op: test.op, values: test.values.map(String).sort() };
}

/** Numbers of a custom field are compared as texts. */
function comparable(entry: Entry, specs: readonly Spec[]): Entry {
  if (!specs.some(({ type }) => type === 'any')) return entry;
  const worded = (value: unknown): unknown =>
    Array.isArray(value) ? value.map((one: Scalar) => String(one)) : typeof value === 'number' ? String(value) : value;
  return Object.fromEntries(
    Object.entries(entry).map(([name, value]) => [name, TEXT_OPS.some((op) => op === name) ? worded(value) : value]),
  );
}

/** Measures made of two: a ratio, a share of events or of a total, and the change against the window before. */
import type { EventFilter, Measure } from '../ast.ts';
import { eventFilter, narrowed, whereClauses } from './filters.ts';
import type { Entry, Parsing, Path } from './parsing.ts';
import { projection } from './projection.ts';
import { windowOf } from './windows.ts';

/** Reads one of the two measures; they are of the other forms. */
type Read = (p: Parsing, entry: Entry, path: Path) => Measure | undefined;

export function ratioMeasure(p: Parsing, body: Entry, path: Path, read: Read): Measure {
  const part = (name: 'of' | 'to'): Measure => {
    const measure = read(p, body[name] as Entry, [...path, name]);
    if (measure?.kind === 'ratio') p.mistake([...path, name], 'a ratio of ratios is not in the language');
    return measure ?? NOTHING;
  };
  return { kind: 'ratio', form: 'ratio', top: part('of'), bottom: part('to'), enough: null };
}

/** Stands in beside a mistake. */
const NOTHING: Measure = { kind: 'count', filter: { events: [], where: [] }, window: { kind: 'lifetime' } };

export function shareMeasure(p: Parsing, body: Entry, path: Path): Measure {
  const filter = eventFilter(p, body, path);
  const window = windowOf(p, body, path);
  const more = whereClauses(p, filter.events, body['matching'] as Entry, [...path, 'matching']);
  if (more.length === 0) p.mistake([...path, 'matching'], 'tests nothing');
  const of = body['of'] === undefined ? null : projection(p, filter, body['of'] as string, [...path, 'of']);
  const total = (which: EventFilter): Measure =>
    of === null ? { kind: 'count', filter: which, window } : { kind: 'sum', filter: which, window, of };
  const n = body['atLeastEvents'] as number | undefined;
  return {
    kind: 'ratio',
    form: 'share',
    top: total(narrowed(filter, more)),
    bottom: total(filter),
    enough: n === undefined ? null : { measure: { kind: 'count', filter, window }, n },
  };
}

export function changeMeasure(p: Parsing, entry: Entry, path: Path, read: Read): Measure {
  const top = read(p, entry, path) ?? NOTHING;
  const bottom = before(top);
  if (bottom === undefined) p.mistake(path, 'a change needs a measure with a sliding window: within, without offset');
  return { kind: 'ratio', form: 'change', top, bottom: bottom ?? top, enough: null };
}

/** The same measure over the equal window before; undefined where there is none. */
function before(measure: Measure): Measure | undefined {
  if (!('window' in measure)) return undefined;
  const { window } = measure;
  if (window.kind !== 'sliding' || window.offsetMs !== 0) return undefined;
  return { ...measure, window: { ...window, offsetMs: window.ms } };
}

/**
 * countDistinct: how many different values of a field the window holds. Where it ends now the newest instant of each value says so;
 * elsewhere a log does. Bounds [count, ∞) until the feed is whole over it.
 */
import type { Measure } from '../language/ast.ts';
import type { EventLog } from '../series/event-log.ts';
import type { Latest } from '../series/latest.ts';
import type { Tape } from '../series/tape.ts';
import { wholeFrom } from './in-tiles.ts';
import { newestStart } from './newest.ts';
import { never, type Quantity } from './quantity.ts';
import { firstBeyond, Span, windowView } from './span.ts';

const NONE: readonly number[] = [];

export function countDistinct({ window }: Extract<Measure, { kind: 'countDistinct' }>, place: number): Quantity {
  const view = windowView(window, place + 1);
  const span = new Span();
  return {
    perUnit: 1,
    read(customer, at, out) {
      if (!view.locate(customer, at, span)) {
        out.none();
        return;
      }
      const series = customer.series(place) as Latest | EventLog | undefined;
      const whole = wholeFrom(customer.wholeFrom(place), series) <= span.edge;
      out.atLeast(series === undefined ? 0 : distinctIn(series, span), whole);
    },
    nextEdge(customer, after) {
      const series = customer.series(place) as Latest | EventLog | undefined;
      const times = series === undefined ? NONE : series.shape === 'latest' ? series.ascending() : series.times;
      return view.nextEdge(customer, after, times, wholeFrom(customer.wholeFrom(place), series));
    },
  };
}

function distinctIn(series: Latest | EventLog, { after, through }: Span): number {
  if (series.shape === 'latest') {
    const instants = series.ascending();
    return instants.length - firstBeyond(instants, after);
  }
  const seen = new Set<string>();
  const { times, values } = series;
  for (let i = firstBeyond(times, after); i < times.length && times[i]! <= through; i++) {
    const value = values[i] ?? null;
    if (value !== null) seen.add(String(value));
  }
  return seen.size;
}

/** countDistinctLast: among the newest n events that have the field. */
export function countDistinctLast({ n }: Extract<Measure, { kind: 'countDistinctLast' }>, place: number): Quantity {
  return {
    perUnit: 1,
    read(customer, _at, out) {
      const tape = customer.series(place) as Tape | undefined;
      const start = newestStart(tape, customer.wholeFrom(place), n);
      if (start < 0) out.none();
      else out.exactly(new Set(tape?.values.slice(start)).size);
    },
    nextEdge: never,
  };
}

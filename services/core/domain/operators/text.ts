/** Comparisons of texts that events carry: the n-th newest, the first ever, the most frequent. */
import type { LeafCondition, TextComparison, TextMeasure } from '../language/ast.ts';
import type { EventLog } from '../series/event-log.ts';
import type { Tape } from '../series/tape.ts';
import { compileText } from '../text/fold.ts';
import { eachTail } from './frequent-texts.ts';
import { wholeFrom } from './in-tiles.ts';
import { firstValue, newestStart, nthNewest, nthNewestEdge } from './newest.ts';
import { FALSE, TRUE, UNKNOWN, type LeafOperator, type TruthCode, type View } from './operator.ts';
import { never } from './quantity.ts';
import { firstBeyond } from './span.ts';

interface TextView {
  /** Called before the readings of one judgement (quantity.ts). */
  prepare?(view: View): void;
  /** Null where there is none, or where it is not certain which it is. */
  read(view: View, at: number): string | null;
  /** As of a quantity. */
  nextEdge(view: View, after: number): number;
}

/** Instants are walked as in a comparison of numbers, and as far (comparison.ts, 2). */
const EDGES_MAX = 64;

export function textOperator({ measure, test }: Extract<LeafCondition, { kind: 'text' }>): LeafOperator {
  const passes = compileComparison(test);
  const text = textView(measure);
  const truthAt = (view: View, at: number): TruthCode => {
    const found = text.read(view, at);
    return found === null ? UNKNOWN : passes(found) ? TRUE : FALSE;
  };
  return {
    judge(view, verdict) {
      text.prepare?.(view);
      const now = truthAt(view, view.at);
      verdict.truth = now;
      verdict.flip = Infinity;
      let from = view.at;
      for (let edges = 1; ; edges++) {
        const next = text.nextEdge(view, from);
        if (next === Infinity) return;
        if (truthAt(view, next) !== now || edges === EDGES_MAX) {
          verdict.flip = next;
          return;
        }
        from = next;
      }
    },
    value(view) {
      text.prepare?.(view);
      return text.read(view, view.at);
    },
  };
}

function compileComparison(test: TextComparison): (text: string) => boolean {
  if ('folding' in test) return compileText(test);
  const values = new Set(test.values);
  const expected = test.op === 'in';
  return (text) => values.has(text) === expected;
}

function textView(measure: TextMeasure): TextView {
  switch (measure.kind) {
    case 'textLast': {
      const { n, withinMs } = measure;
      return {
        read(view, at) {
          const tape = view.series(0) as Tape | undefined;
          const index = nthNewest(tape, view.wholeFrom(0), n, withinMs, at);
          return index < 0 ? null : asText(tape!.values[index] ?? null);
        },
        nextEdge: (view, after) => nthNewestEdge(view.series(0) as Tape | undefined, n, withinMs, after),
      };
    }
    case 'textFirst':
      return { read: (view) => asText(firstValue(view, 0)), nextEdge: never };
    case 'mostFrequent':
      return 'n' in measure.over ? frequentOfNewest(measure.over.n) : frequentInWindow(measure.over.windowMs);
  }
}

function frequentOfNewest(n: number): TextView {
  return {
    read(view) {
      const tape = view.series(0) as Tape | undefined;
      const start = newestStart(tape, view.wholeFrom(0), n);
      let found: string | null = null;
      if (tape !== undefined && start >= 0) eachTail(tape.values.slice(start), (_i, text) => (found = text));
      return found;
    },
    nextEdge: never,
  };
}

function frequentInWindow(windowMs: number): TextView {
  const tails: (string | null)[] = [];
  let log: EventLog | undefined;
  return {
    prepare(view) {
      log = view.series(0) as EventLog | undefined;
      tails.length = log?.times.length ?? 0;
      if (log !== undefined) eachTail(log.values, (i, text) => (tails[i] = text));
    },
    read(view, at) {
      if (log === undefined || wholeFrom(view.wholeFrom(0), log) > at - windowMs) return null;
      return tails[firstBeyond(log.times, at - windowMs)] ?? null;
    },
    nextEdge(view, after) {
      const maturity = wholeFrom(view.wholeFrom(0), log) + windowMs;
      const edge = maturity > after ? maturity : Infinity;
      const leaver = log?.times[firstBeyond(log.times, after - windowMs)];
      return leaver === undefined ? edge : Math.min(edge, leaver + windowMs);
    },
  };
}

function asText(value: string | number | null): string | null {
  return value === null ? null : String(value);
}

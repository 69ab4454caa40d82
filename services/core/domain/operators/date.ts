/** Tests of dates: of a trait, or of a field of the newest event. Calendar days are those of the rule's zone. */
import type { DateTest, LeafCondition } from '../language/ast.ts';
import type { Tape } from '../series/tape.ts';
import type { Calendar } from '../time/calendar.ts';
import { addUnits, anniversaryIn, civilOf } from '../time/civil.ts';
import { parseDate, parseDay } from '../time/instants.ts';
import { judgeAtCandidates, settle } from './candidates.ts';
import { nthNewest } from './newest.ts';
import { FALSE, TRUE, UNKNOWN, type LeafOperator, type TruthCode, type Verdict, type View } from './operator.ts';
import { calendarFor } from './span.ts';

interface Moment {
  readonly instant: number;
  /** The calendar day in the zone: of a date that day itself, whatever the zone did with it. */
  readonly day: number;
}

export function dateOperator(leaf: Extract<LeafCondition, { kind: 'date' }>): LeafOperator {
  const { source, test, zone } = leaf;
  const momentIn = (view: View, calendar: Calendar): Moment | undefined => {
    const value = source.kind === 'trait' ? view.trait(source.trait) : fieldOfNewest(view);
    const instant = parseDate(value, calendar);
    if (instant === undefined) return undefined;
    const day = typeof value === 'string' ? parseDay(value) : undefined;
    return { instant, day: day ?? calendar.localDay(instant) };
  };
  return {
    judge(view, verdict) {
      const calendar = calendarFor(view, zone);
      const moment = momentIn(view, calendar);
      if (moment === undefined) settle(verdict, UNKNOWN);
      else judgeMoment(test, moment, calendar, view, verdict);
    },
    value: (view) => momentIn(view, calendarFor(view, zone))?.instant ?? null,
  };
}

function fieldOfNewest(view: View): number | undefined {
  const tape = view.series(0) as Tape | undefined;
  const index = nthNewest(tape, view.wholeFrom(0), 1, null, view.at);
  const value = index < 0 ? null : (tape!.values[index] ?? null);
  return typeof value === 'number' ? value : undefined;
}

function judgeMoment(test: DateTest, moment: Moment, calendar: Calendar, view: View, verdict: Verdict): void {
  const { instant } = moment;
  switch (test.op) {
    case 'withinLast': {
      const { ms } = test;
      judgeAtCandidates(view, verdict, (at) => truth(instant > at - ms && instant <= at), [instant, instant + ms]);
      return;
    }
    case 'withinNext': {
      const { ms } = test;
      judgeAtCandidates(view, verdict, (at) => truth(instant > at && instant <= at + ms), [instant - ms, instant]);
      return;
    }
    case 'olderThan': {
      const begins = calendar.startOfDay(addUnits(moment.day, test.n, test.unit));
      judgeAtCandidates(view, verdict, (at) => truth(begins <= at), [begins]);
      return;
    }
    case 'anniversary':
      judgeAnniversary(moment.day, test.days, calendar, view, verdict);
  }
}

/** Years looked ahead: two anniversaries at most lie further apart than one year and a day. */
const YEARS_AHEAD = 2;

/** True from the beginning of the day `days` before an anniversary to the end of its own; looked at from edge to edge. */
function judgeAnniversary(day: number, days: number, calendar: Calendar, view: View, verdict: Verdict): void {
  const origin = civilOf(day);
  const today = calendar.localDay(view.at);
  const first = Math.max(origin.year + 1, civilOf(today).year);
  const last = Math.max(first, civilOf(today + days).year) + YEARS_AHEAD;
  const anniversaries: number[] = [];
  for (let year = first; year <= last; year++) anniversaries.push(anniversaryIn(year, origin));
  const truthAt = (at: number): TruthCode => {
    const now = calendar.localDay(at);
    return truth(anniversaries.some((one) => one >= now && one <= now + days));
  };
  const edges = anniversaries.flatMap((one) => [calendar.startOfDay(one - days), calendar.startOfDay(one + 1)]);
  judgeAtCandidates(view, verdict, truthAt, edges);
  // Beyond the last one looked at nothing is known yet.
  if (verdict.flip === Infinity) verdict.flip = calendar.startOfDay(anniversaries.at(-1)! - days);
}

function truth(holds: boolean): TruthCode {
  return holds ? TRUE : FALSE;
}

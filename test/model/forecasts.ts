/** What explanations say will happen next comes true, and not a millisecond before: the clock is moved there to see. */
import type { Change } from '../../services/core/domain/events/change.ts';
import type { LiveRun } from './live-run.ts';

interface Forecast {
  readonly customerId: string;
  readonly key: string;
  readonly number: number;
  readonly entered: boolean;
  readonly at: number;
}

export interface Forecasts {
  readonly problems: readonly string[];
  readonly cameTrue: number;
  /** Standings of which nothing was forecast. */
  readonly ofNothing: number;
}

/** How many forecasts are waited for at most: each is a look at everybody. */
const AWAITED_MAX = 6;

/** Moves the clock of a settled run on from forecast to forecast. Nothing must wait to come into force. */
export function awaitForecasts(run: LiveRun): Forecasts {
  const forecasts: Forecast[] = [];
  let ofNothing = 0;
  for (const { customerId, told } of run.explain()) {
    for (const { key, number, next } of told) {
      if (next === null) ofNothing += 1;
      else forecasts.push({ customerId, key, number, ...next });
    }
  }
  forecasts.sort((a, b) => a.at - b.at);
  const awaited = forecasts.slice(0, AWAITED_MAX);
  const from = run.changes.length;
  const problems = awaited.flatMap((forecast) => problemsOf(run, forecast, from));
  return { problems, cameTrue: awaited.length, ofNothing };
}

/** `from`: how many changes there were when it was forecast. */
function problemsOf(run: LiveRun, forecast: Forecast, from: number): readonly string[] {
  const { customerId, key, entered, at } = forecast;
  const told = (): readonly string[] =>
    run.changes
      .slice(from)
      .filter(({ value }) => value.customerId === customerId && concerns(value, forecast.number))
      .map(
        ({ value }) =>
          `${value.number === forecast.number && value.kind !== 'exited' ? 'entry' : 'exit'} at ${value.effectiveAt}`,
      );
  run.settleAt(at - 1);
  // Forecasts of one instant come true together: what the first of them waited for is not early for the others.
  const early = told().filter((line) => Number(line.split(' ').at(-1)) < at);
  run.settleAt(at);
  const then = told();
  const wanted = `${entered ? 'entry' : 'exit'} at ${at}`;
  if (early.length > 0)
    return [`forecast of ${customerId} in ${key}: ${wanted}, and early there was ${early.join(', ')}`];
  if (then[0] === wanted) return [];
  return [`forecast of ${customerId} in ${key}: ${wanted}, and there was ${then.join(', ') || 'nothing'}`];
}

function concerns(change: Change, number: number): boolean {
  return change.number === number || change.fromNumber === number;
}

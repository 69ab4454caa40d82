/** One history, played and compared in every way: what differs, in words, and what it reached. */
import { check } from './compare.ts';
import { Coverage } from './coverage.ts';
import { draw } from './drawing.ts';
import { awaitForecasts } from './forecasts.ts';
import type { History } from './histories.ts';
import { LiveRun } from './live-run.ts';
import { noteReached } from './reached.ts';
import { compareVerdicts } from './verdicts.ts';

export interface Outcome {
  readonly problems: readonly string[];
  readonly coverage: Coverage;
}

/** Of how many seeds one is also compared in the middle. */
const PREFIXES_EVERY = 20;

/** Draws the history of a seed and plays it. */
export async function playSeed(seed: number): Promise<Outcome & { readonly history: History }> {
  const { history, run } = draw(seed);
  const outcome = run === undefined ? await play(history) : await judge(history, run);
  if (outcome.problems.length > 0 || seed % PREFIXES_EVERY !== 0) return { ...outcome, history };
  for (let part = 1; part <= 3; part++) {
    const prefix = { ...history, steps: history.steps.slice(0, Math.ceil((history.steps.length * part) / 4)) };
    const { problems } = await play(prefix);
    if (problems.length > 0) return { problems, coverage: outcome.coverage, history: prefix };
  }
  return { ...outcome, history };
}

export async function play(history: History): Promise<Outcome> {
  let run: LiveRun;
  try {
    run = new LiveRun(history);
    for (const step of history.steps) run.step(step);
  } catch (error) {
    return { problems: [inWords(error)], coverage: new Coverage() };
  }
  return judge(history, run);
}

/** `run`: as it stands after the last step. */
async function judge(history: History, run: LiveRun): Promise<Outcome> {
  const coverage = new Coverage();
  try {
    run.settle();
    const { differences, counts, oracles } = await check(run);
    const problems = [
      ...differences.map(
        ({ kind, topic, offset, customerId, expected, found }) =>
          `${kind} ${topic}@${offset ?? '-'} ${customerId ?? ''}: expected ${expected}, found ${found}`,
      ),
      ...compareVerdicts(run, oracles),
    ];
    noteReached(run, counts, coverage);
    if (problems.length > 0 || !run.isUpToDate) return { problems, coverage };
    const forecasts = awaitForecasts(run);
    coverage.count('forecast came true', forecasts.cameTrue);
    coverage.count('forecast of nothing', forecasts.ofNothing);
    return { problems: forecasts.problems, coverage };
  } catch (error) {
    return { problems: [`${history.seed}: ${inWords(error)}`], coverage };
  }
}

function inWords(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

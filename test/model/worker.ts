/** Plays a share of the histories in a thread of its own (many.ts). */
import { parentPort, workerData } from 'node:worker_threads';
import { Coverage } from './coverage.ts';
import type { Share, Told } from './many.ts';
import { play, playSeed } from './play.ts';
import { shrink } from './shrink.ts';

const TELL_EVERY = 50;
const { first, count, step, shrinks } = workerData as Share;
const tell = (told: Told): void => parentPort!.postMessage(told);

const coverage = new Coverage();
let untold = 0;
for (let played = 0; played < count; played++) {
  const { problems, coverage: own, history } = await playSeed(first + played * step);
  coverage.add(own.reached);
  untold += 1;
  if (untold === TELL_EVERY || played === count - 1) {
    tell({ kind: 'played', histories: untold });
    untold = 0;
  }
  if (problems.length === 0) continue;
  if (!shrinks) {
    tell({ kind: 'failed', failure: { history, problems } });
    continue;
  }
  const kind = kindOf(problems);
  const shrunk = await shrink(history, async (candidate) => kindOf((await play(candidate)).problems) === kind);
  const found = (await play(shrunk)).problems;
  // Out of patience at once: what was drawn is told as it is.
  tell({ kind: 'failed', failure: found.length > 0 ? { history: shrunk, problems: found } : { history, problems } });
}
tell({ kind: 'done', reached: coverage.reached });

/** What sort of failure: a shorter history has to fail in the same way. */
function kindOf(problems: readonly string[]): string {
  return problems[0]?.split(/[ \n]/)[0] ?? '';
}

import type { Output } from './output.ts';
import { cut, formatCount, formatSpan } from './text.ts';

const REDRAW_MS = 100;
const BAR_COLUMNS = 24;
/** The rate is that of the last seconds, so that time left follows a change of pace. */
const RATE_MEMORY_MS = 3_000;

export interface Progress {
  /** Sets what is done so far. */
  to(done: number): void;
  /** Adds to what is done. */
  advance(by: number): void;
  /** Takes the line away. Safe to call twice. */
  end(): void;
}

/**
 * Shows how far long work has come, how fast it goes and how long it will take, on the status line of a terminal; where
 * stderr is no terminal it says nothing. `total` undefined = not known: no bar and no time left.
 */
export function startProgress(
  output: Output,
  work: { readonly label: string; readonly unit: string; readonly total?: number | undefined },
  now: () => number = () => performance.now(),
): Progress {
  const started = now();
  let done = 0;
  let drawn = -Infinity;
  let ended = false;
  let mark = { at: started, done: 0 };
  let rate = 0;

  const draw = (at: number): void => {
    drawn = at;
    const since = at - mark.at;
    if (since > 0) rate = ((done - mark.done) / since) * 1_000;
    if (since > RATE_MEMORY_MS) mark = { at, done };
    output.status(cut(line(work, done, rate, at - started), output.talkWidth - 1));
  };
  const update = (value: number): void => {
    done = value;
    if (ended || !output.talkTerminal) return;
    const at = now();
    if (at - drawn >= REDRAW_MS) draw(at);
  };
  return {
    to: update,
    advance: (by) => update(done + by),
    end: () => {
      if (!ended) output.status('');
      ended = true;
    },
  };
}

function line(
  work: { readonly label: string; readonly unit: string; readonly total?: number | undefined },
  done: number,
  rate: number,
  elapsedMs: number,
): string {
  const pace = `${formatCount(rate)} ${work.unit}/s`;
  if (work.total === undefined || work.total <= 0) {
    return `${work.label}  ${formatCount(done)} ${work.unit}  ${pace}  ${formatSpan(elapsedMs)}`;
  }
  const share = Math.min(1, done / work.total);
  const filled = Math.round(share * BAR_COLUMNS);
  const bar = '█'.repeat(filled) + '░'.repeat(BAR_COLUMNS - filled);
  const left = rate > 0 ? `  ${formatSpan(((work.total - done) / rate) * 1_000)} left` : '';
  const percent = `${Math.floor(share * 100)}`.padStart(3);
  return `${work.label}  ${bar}  ${percent} %  ${formatCount(done)} ${work.unit}  ${pace}${left}`;
}

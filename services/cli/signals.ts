import { Fault } from '../core/faults.ts';
import { EXIT } from './exit-codes.ts';
import type { CliContext } from './verb.ts';

/** A terminal and our launcher may both pass on one key press: within this time it is the same one. */
const SAME_PRESS_MS = 250;
/** What a stop may take beyond the drain time before the process is ended. */
const GRACE_MS = 2_000;
/** A stop that takes no longer is not worth a word. */
const NOTICE_MS = 300;
const DEFAULT_DRAIN_MS = 10_000;

/**
 * The first SIGINT, SIGTERM or SIGHUP asks to stop; the second ends the process at once, and so does a stop that takes
 * longer than `shutdown.drainMs`. State is committed in transactions, so that an end at any moment is consistent.
 * Returns how to stop watching.
 */
export function watchSignals(stop: AbortController, context: CliContext): () => void {
  let first: number | undefined;
  let notice: NodeJS.Timeout | undefined;
  let deadline: NodeJS.Timeout | undefined;
  const onSignal = (signal: NodeJS.Signals): void => {
    const now = performance.now();
    if (first !== undefined) {
      if (now - first > SAME_PRESS_MS) endNow(context, 'Stopped at once; committed work is safe.');
      return;
    }
    first = now;
    stop.abort(new Fault('INTERRUPTED', `Stopped by ${signal}`));
    notice = setTimeout(() => context.output.talk('Stopping; press Ctrl-C again to stop at once.'), NOTICE_MS);
    deadline = setTimeout(
      () => endNow(context, 'The stop took too long and was cut short; committed work is safe.'),
      drainMs(context) + GRACE_MS,
    );
    deadline.unref();
  };
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const signal of signals) process.on(signal, onSignal);
  return () => {
    clearTimeout(notice);
    clearTimeout(deadline);
    for (const signal of signals) process.off(signal, onSignal);
  };
}

function endNow(context: CliContext, words: string): never {
  context.output.status('');
  context.output.talk(words);
  process.exit(EXIT.interrupted);
}

function drainMs(context: CliContext): number {
  try {
    return context.settings().config.shutdown.drainMs;
  } catch {
    // The verb has met the same faulty configuration and reports it; a stop must work nevertheless.
    return DEFAULT_DRAIN_MS;
  }
}

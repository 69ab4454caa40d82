import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Host } from '../../core/streams/host.ts';

/** The machine's own time and turns. */
export const machineHost: Host = {
  now: () => Date.now(),
  yield: () => nextTurn(),
  sleep: (ms, signal) =>
    new Promise((resolve) => {
      if (signal.aborted) {
        resolve();
        return;
      }
      const done = (): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', done);
        resolve();
      };
      const timer = setTimeout(done, ms);
      signal.addEventListener('abort', done, { once: true });
    }),
};

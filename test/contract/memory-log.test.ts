import { MemoryLog } from '../../services/platform/memory-log/memory-log.ts';
import type { OnStep } from '../../services/platform/log-port/steps.ts';
import { describeLog } from './log.contract.ts';

describeLog('MemoryLog', () => {
  let now = 1_750_000_000_000;
  let onStep: OnStep | undefined;
  const log = new MemoryLog({ now: () => now, onStep: (step) => onStep?.(step) });
  return Promise.resolve({
    log,
    other: log,
    setStep: (hook) => {
      onStep = hook;
    },
    // A crash of the program leaves a broker as it is: the log itself goes on.
    restart: () => Promise.resolve(),
    advance: (ms) => {
      now += ms;
    },
    compact: ({ topic, partition }) => {
      log.compact(topic, partition);
      return Promise.resolve();
    },
    expire: () => {
      log.expire();
      return Promise.resolve();
    },
    close: () => log.close(),
  });
});

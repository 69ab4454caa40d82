import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openEmbeddedLog } from '../../services/platform/embedded-log/embedded-log.ts';
import type { EmbeddedLog } from '../../services/platform/embedded-log/embedded-log.ts';
import type { OnStep } from '../../services/platform/log-port/steps.ts';
import { describeLog } from './log.contract.ts';

describeLog('EmbeddedLog', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'tributary-contract-'));
  let now = 1_750_000_000_000;
  let onStep: OnStep | undefined;
  const clock = (): number => now;
  const open = (owner: boolean): Promise<EmbeddedLog> =>
    openEmbeddedLog({
      directory,
      owner,
      now: clock,
      maintainEveryMs: 0,
      ballastBytes: 0,
      onStep: (step) => (owner ? onStep?.(step) : undefined),
    });
  let log = await open(true);
  let other = await open(false);
  return {
    get log() {
      return log;
    },
    get other() {
      return other;
    },
    setStep: (hook) => {
      onStep = hook;
    },
    restart: async () => {
      await log.close();
      await other.close();
      log = await open(true);
      other = await open(false);
    },
    advance: (ms) => {
      now += ms;
    },
    compact: (place) => log.compact(place),
    expire: () => log.maintain(),
    close: async () => {
      await log.close();
      await other.close();
      rmSync(directory, { recursive: true });
    },
  };
});

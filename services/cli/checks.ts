import type { Check } from './checks/check.ts';
import { clockCheck } from './checks/clock.ts';
import { configurationCheck } from './checks/configuration.ts';
import { diskSpaceCheck, flushSpeedCheck } from './checks/disk.ts';
import { nodeVersionCheck } from './checks/node-version.ts';
import { portCheck } from './checks/port.ts';

/** What `doctor` looks at, in this order. */
export const CHECKS: readonly Check[] = [
  nodeVersionCheck,
  configurationCheck,
  diskSpaceCheck,
  flushSpeedCheck,
  clockCheck,
  portCheck,
];

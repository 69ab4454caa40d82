import { clickhouseCheck } from './checks/analytics.ts';
import type { Check } from './checks/check.ts';
import { clockCheck } from './checks/clock.ts';
import { configurationCheck } from './checks/configuration.ts';
import { dataDirectoryCheck, logIntactCheck } from './checks/data-directory.ts';
import { diskSpaceCheck, flushSpeedCheck } from './checks/disk.ts';
import { nodeVersionCheck } from './checks/node-version.ts';
import { portCheck } from './checks/port.ts';
import { deadLettersCheck, notActedOnCheck } from './checks/records.ts';
import { coverageCheck, definitionsCheck } from './checks/rules.ts';
import { runningCheck } from './checks/running.ts';
import { schemasCheck, topicsCheck } from './checks/topics.ts';

/** What `doctor` looks at, in this order: the machine, the data, what is in it, what runs. */
export const CHECKS: readonly Check[] = [
  nodeVersionCheck,
  configurationCheck,
  diskSpaceCheck,
  flushSpeedCheck,
  clockCheck,
  portCheck,
  dataDirectoryCheck,
  logIntactCheck,
  topicsCheck,
  schemasCheck,
  definitionsCheck,
  coverageCheck,
  notActedOnCheck,
  deadLettersCheck,
  clickhouseCheck,
  runningCheck,
];

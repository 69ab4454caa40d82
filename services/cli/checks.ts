import { clickhouseCheck } from './checks/analytics.ts';
import type { Check } from './checks/check.ts';
import { clockCheck } from './checks/clock.ts';
import { configurationCheck } from './checks/configuration.ts';
import { dataDirectoryCheck, logIntactCheck } from './checks/data-directory.ts';
import { diskSpaceCheck, flushSpeedCheck } from './checks/disk.ts';
import { brokerClockCheck } from './checks/kafka/broker-clock.ts';
import { brokersCheck } from './checks/kafka/brokers.ts';
import { groupCheck } from './checks/kafka/group.ts';
import { replicationCheck } from './checks/kafka/replication.ts';
import { transactionsCheck } from './checks/kafka/transactions.ts';
import { importsCheck } from './checks/imports.ts';
import { nodeVersionCheck } from './checks/node-version.ts';
import { portCheck } from './checks/port.ts';
import { deadLettersCheck, notActedOnCheck } from './checks/records.ts';
import { coverageCheck, definitionsCheck } from './checks/rules.ts';
import { runningCheck } from './checks/running.ts';
import { schemasCheck, topicsCheck } from './checks/topics.ts';
import { workspaceCheck } from './checks/workspace.ts';

/** What `doctor` looks at, in this order: the machine, the data, what is in it, what runs. */
export const CHECKS: readonly Check[] = [
  nodeVersionCheck,
  configurationCheck,
  diskSpaceCheck,
  flushSpeedCheck,
  clockCheck,
  portCheck,
  dataDirectoryCheck,
  workspaceCheck,
  brokersCheck,
  brokerClockCheck,
  replicationCheck,
  logIntactCheck,
  topicsCheck,
  schemasCheck,
  definitionsCheck,
  coverageCheck,
  importsCheck,
  notActedOnCheck,
  deadLettersCheck,
  transactionsCheck,
  clickhouseCheck,
  groupCheck,
  runningCheck,
];

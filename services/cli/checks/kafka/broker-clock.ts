import { INPUTS } from '../../../core/domain/events/header.ts';
import { Fault } from '../../../core/faults.ts';
import type { KafkaOperations } from '../../../platform/kafka/operations.ts';
import { formatSpan } from '../../text.ts';
import type { Check, CheckContext, Finding } from '../check.ts';
import { newest } from '../newest.ts';

const SKEW_MS = 1_000;
const FIX = 'Let brokers and this machine take their time from NTP (chrony, systemd-timesyncd).';

/**
 * Append times are the brokers': lateness and the task clock are measured by them (T3, T5). No request asks a broker for its time;
 * the active controller tells it in passing, and a leader that is ahead shows by what it has stamped.
 */
export const brokerClockCheck: Check = {
  name: 'broker clocks',
  needsLog: true,
  run: async (context) => {
    const operations = await context.installation.operations();
    if (operations === undefined) return [];
    const ahead = await stampedAhead(context);
    const controller = await controllerSkew(operations);
    const found = [...ahead];
    if (typeof controller !== 'string' && Math.abs(controller.skewMs) > SKEW_MS + controller.doubtMs) {
      const words = controller.skewMs > 0 ? 'ahead of' : 'behind';
      const message = `the controller's clock is ${formatSpan(Math.abs(controller.skewMs))} ${words} this machine's`;
      found.push({ level: 'warn', message, fix: FIX });
    }
    if (found.length > 0) return found;
    const said =
      typeof controller === 'string'
        ? `the controller's clock is not shown to us (${controller})`
        : `the controller's agrees within ${formatSpan(Math.abs(controller.skewMs) + controller.doubtMs)}`;
    return { level: 'ok', message: `${said}; no record is stamped ahead of this machine's time` };
  },
};

/** Of its clock against ours, and how far that may be wrong; or why it is not known. */
async function controllerSkew(
  operations: KafkaOperations,
): Promise<{ readonly skewMs: number; readonly doubtMs: number } | string> {
  try {
    const { brokers } = await operations.view();
    // The connection is made first, so that only the answer's own way counts.
    await operations.describe(brokers[0]!);
    const [wall, sentAt] = [Date.now(), performance.now()];
    const { leaderTime } = await operations.quorum(brokers[0]!);
    const halfMs = (performance.now() - sentAt) / 2;
    return leaderTime === undefined ? 'it does not tell' : { skewMs: leaderTime - wall - halfMs, doubtMs: halfMs };
  } catch (error) {
    if (error instanceof Fault) return error.code === 'LOG_ACCESS_DENIED' ? 'Describe on the cluster' : error.message;
    throw error;
  }
}

async function stampedAhead({ installation, signal }: CheckContext): Promise<readonly Finding[]> {
  const log = await installation.log();
  const found: Finding[] = [];
  for (const input of log === undefined ? [] : INPUTS) {
    const last = await newest(log!, installation.topics[input], 1, signal);
    if (last === undefined) continue;
    for await (const { topic, partition, timestamp } of last.records) {
      const aheadMs = timestamp - Date.now();
      if (aheadMs <= SKEW_MS) continue;
      const message = `the newest record of ${topic}-${partition} is stamped ${formatSpan(aheadMs)} from now: its leader's clock is ahead`;
      found.push({ level: 'warn', message, fix: FIX });
    }
  }
  return found;
}

import { Fault } from '../../../core/faults.ts';
import { addressOf, type Node } from '../../../platform/kafka/node.ts';
import type { KafkaOperations } from '../../../platform/kafka/operations.ts';
import type { Check, Finding } from '../check.ts';

/** The major version that every release is tested with. */
const TESTED = { major: 4, release: '4.3' };

/** Each broker by itself: a client goes to the leaders of its partitions, so one that answers is not enough. */
export const brokersCheck: Check = {
  name: 'brokers',
  run: async ({ installation }) => {
    const operations = await installation.operations();
    if (operations === undefined) return [];
    const silent = await silentAmong(operations, operations.bootstrap);
    const all = silent.length === operations.bootstrap.length;
    const found = silent.map(({ fault }): Finding => {
      return { level: all ? 'fail' : 'warn', message: fault.message, fix: fixOf(fault) };
    });
    if (all) return found;
    const { clusterId, brokers } = await operations.view();
    const given = new Set(operations.bootstrap.map(addressOf));
    const advertised = brokers.filter((broker) => !given.has(addressOf(broker)));
    for (const { fault } of await silentAmong(operations, advertised)) {
      const fix = `Open the way to this address, which the cluster gives to its clients, or correct advertised.listeners of that broker.`;
      found.push({ level: 'fail', message: fault.message, fix });
    }
    const releases = await Promise.all(brokers.map(async (broker) => releaseOf(operations, broker)));
    const known = [...new Set(releases.filter((release) => release !== undefined))];
    const old = known.filter((release) => Number.parseInt(release, 10) < TESTED.major);
    if (old.length > 0) {
      const message = `Kafka ${old.join(', ')} is older than ${TESTED.release}, with which releases are tested`;
      found.push({
        level: 'warn',
        message,
        fix: 'Upgrade the brokers, or verify after the first day: `tributary verify`.',
      });
    }
    const count = brokers.length === 1 ? '1 broker' : `${brokers.length} brokers`;
    const what = known.length === 0 ? 'of a release that it does not tell' : `Kafka ${known.join(', ')}`;
    return [...found, { level: 'ok', message: `cluster ${clusterId ?? 'without an id'}, ${count}, ${what}` }];
  },
};

interface Silent {
  readonly fault: Fault;
}

async function silentAmong(operations: KafkaOperations, nodes: readonly Node[]): Promise<readonly Silent[]> {
  const asked = await Promise.allSettled(nodes.map((node) => operations.describe(node)));
  return asked.flatMap((outcome): Silent[] => {
    if (outcome.status === 'fulfilled') return [];
    if (outcome.reason instanceof Fault) return [{ fault: outcome.reason }];
    throw outcome.reason;
  });
}

async function releaseOf(operations: KafkaOperations, broker: Node): Promise<string | undefined> {
  const [outcome] = await Promise.allSettled([operations.describe(broker)]);
  // One that does not answer has been named already.
  if (outcome.status === 'rejected') return undefined;
  const { release, newer } = outcome.value;
  return newer ? `newer than ${TESTED.release}` : release;
}

function fixOf(fault: Fault): string {
  return fault.code === 'LOG_UNAVAILABLE'
    ? 'Check kafka.brokers, the network between here and there, and that the listener is of the kind configured (kafka.tls.*, kafka.sasl.*).'
    : fault.next;
}

/**
 * The least rights each service needs on the brokers, in Kafka's words. Derived from the configuration, so names carry its
 * prefixes. Reading and writing imply describing; that is not listed twice. A test runs each service with these rights alone.
 */
import { INPUTS } from '../../core/domain/events/header.ts';
import type { Config } from '../../platform/config/options.ts';
import { topicNames, topicPlan, type TopicKey } from '../../platform/topics/topic-plan.ts';

export const SERVICES = [
  'up',
  'apply',
  'publish',
  'produce',
  'import',
  'subscribe',
  'inspect',
  'retry',
  'settle',
] as const;
export type Service = (typeof SERVICES)[number];

/** What each service is, for people. */
export const SERVICE_WORDS: Readonly<Record<Service, string>> = {
  up: 'tributary up: tasks and ledger; it applies topics too',
  apply: 'tributary topics apply',
  publish: 'tributary segments apply, rollback and the like',
  produce: 'whoever sends events: tributary send, other producers',
  import: 'tributary import',
  subscribe: 'whoever acts on changes; a group of its own comes on top',
  inspect: 'tributary tail, customer, verify, doctor, txn list, dead-letters list',
  retry: 'tributary dead-letters retry, dismiss',
  settle: 'tributary txn list, abort',
};

type Operation = 'Read' | 'Write' | 'Create' | 'Describe' | 'DescribeConfigs';

export interface Right {
  readonly resource: 'topic' | 'group' | 'transactional-id';
  readonly name: string;
  /** `prefixed`: every name that begins with it. */
  readonly pattern: 'literal' | 'prefixed';
  readonly operations: readonly Operation[];
  readonly why: string;
}

export function rightsOf(service: Service, config: Config): readonly Right[] {
  const names = topicNames(config.topics);
  const planned = topicPlan(config).map(({ key }) => key);
  const id = (name: string) => `${config.kafka.idPrefix}${name}`;
  const on = (keys: readonly TopicKey[], operations: readonly Operation[], why: string): readonly Right[] =>
    keys
      .filter((key) => planned.includes(key))
      .map((key) => ({ resource: 'topic', name: names[key], pattern: 'literal', operations, why }));
  const writer = (name: string, pattern: Right['pattern'], why: string): Right => {
    return { resource: 'transactional-id', name: id(name), pattern, operations: ['Write'], why };
  };
  const group = (name: string, operation: Operation, why: string): Right => {
    return { resource: 'group', name: id(name), pattern: 'literal', operations: [operation], why };
  };

  const schemaIds = on(['schemas'], ['Read', 'DescribeConfigs'], 'schema ids');
  const registrar =
    config.registry.url === null ? [writer(`${names.schemas}-registration`, 'literal', 'schema ids')] : [];
  const apply = [
    ...on(planned, ['Create', 'Describe', 'DescribeConfigs'], 'created and compared'),
    ...on(['definitions', 'schemas'], ['Read', 'Write'], 'coverage of new inputs, schema ids'),
    ...registrar,
  ];

  switch (service) {
    case 'apply':
      return merged(apply);
    case 'up':
      return merged([
        ...apply,
        ...on([...INPUTS, 'definitions', 'changelog'], ['Read'], 'what tasks read'),
        ...on(['imports'], ['Read'], 'whether a history is to be replayed'),
        ...on(['changes', 'memberships', 'facts', 'deadLetters', 'changelog'], ['Write'], 'what tasks write'),
        ...on(['facts', 'changes', 'definitions'], ['Read'], 'what the ledger reads'),
        writer('tributary-', 'prefixed', 'one writer for each task'),
        group('tributary', 'Read', 'which process has which task'),
        group('tributary-ledger', 'Read', 'positions of the ledger'),
      ]);
    case 'publish':
      return merged([
        ...on(['definitions'], ['Read', 'Write'], 'segments'),
        ...on(['facts'], ['Describe'], 'whether there is anything yet'),
        ...schemaIds,
      ]);
    case 'produce':
      return merged([...on(INPUTS, ['Write', 'DescribeConfigs'], 'events'), ...schemaIds]);
    case 'import':
      return merged([
        ...apply,
        ...on(INPUTS, ['Read', 'Write'], 'events, and what is there already'),
        ...on(['imports'], ['Read', 'Write'], 'how far an import is'),
        writer('tributary-import-', 'prefixed', 'one writer for each import'),
      ]);
    case 'subscribe':
      return merged([...on(['changes', 'memberships'], ['Read'], 'changes and current sets'), ...schemaIds]);
    case 'inspect':
      return merged([
        ...on(planned, ['Read', 'DescribeConfigs'], 'looked at'),
        group('tributary', 'Describe', 'how far the tasks are'),
        group('tributary-ledger', 'Describe', 'how far the ledger is'),
        { ...writer('tributary-', 'prefixed', 'which transactions are open'), operations: ['Describe'] },
      ]);
    case 'retry':
      return merged([
        ...on(['deadLetters'], ['Read', 'Write', 'DescribeConfigs'], 'what could not be used, and what is dealt with'),
        ...on(INPUTS, ['Read', 'Write', 'DescribeConfigs'], 'sent again, but never twice'),
        writer('tributary-dead-letters-retry', 'literal', 'one at a time'),
        ...schemaIds,
      ]);
    case 'settle':
      return merged([
        ...on(planned, ['Read', 'DescribeConfigs'], 'who has written what is not committed'),
        writer('tributary-', 'prefixed', 'ended in place of its owner'),
        ...registrar,
      ]);
  }
}

/** One line for each resource. */
function merged(rights: readonly Right[]): readonly Right[] {
  const byResource = Map.groupBy(rights, ({ resource, name, pattern }) => `${resource} ${pattern} ${name}`);
  return [...byResource.values()].map((same) => ({
    ...same[0]!,
    operations: lessImplied([...new Set(same.flatMap(({ operations }) => operations))]),
    why: [...new Set(same.map(({ why }) => why))].join('; '),
  }));
}

function lessImplied(operations: readonly Operation[]): readonly Operation[] {
  const implied = operations.includes('Read') || operations.includes('Write');
  return operations.filter((operation) => operation !== 'Describe' || !implied);
}

/** The command of Kafka's own tool that grants a right. */
export function grantCommand(
  { resource, name, pattern, operations }: Right,
  principal: string,
  brokers: string,
): string {
  const grants = operations.map((operation) => `--operation ${operation}`).join(' ');
  const where = pattern === 'prefixed' ? ' --resource-pattern-type prefixed' : '';
  return `kafka-acls.sh --bootstrap-server ${brokers} --add --allow-principal '${principal}' ${grants} --${resource} '${name}'${where}`;
}

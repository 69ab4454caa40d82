import type { Command } from 'commander';
import { Fault } from '../../core/faults.ts';
import type { Config } from '../../platform/config/options.ts';
import type { KafkaOperations } from '../../platform/kafka/operations.ts';
import type { OpenPlace, Unseen } from '../../platform/kafka/transactions.ts';
import { formatSpan } from '../text.ts';
import type { NamedTransaction } from '../txn/survey.ts';
import { GROUPS, withExamples, type CliContext, type Verb } from '../verb.ts';

/** `txn list|abort`: transactions on the brokers. */
export const txnVerb: Verb = { register };

/** One line, and one document of `--json`. */
interface Line extends Omit<NamedTransaction, 'whose' | 'startedAt'> {
  /** As `task 3`, `import`, `foreign`. */
  readonly whose: string;
  /** ISO 8601; absent while nothing is open. */
  readonly startedAt: string | undefined;
  readonly ageMs: number | undefined;
}

function register(program: Command, context: CliContext): void {
  const txn = program.command('txn').description('transactions on Kafka: see and end them').helpGroup(GROUPS.operate);
  withExamples(
    txn
      .command('list')
      .description('open transactions: whose, since when, where, and which of them hang')
      .option('--all', 'also ids whose transaction is over')
      .action((options: { all?: true }) => list(context, options.all === true)),
    [
      ['tributary txn list --log kafka', 'What is open now, ours and of others on our topics.'],
      ['tributary txn list --log kafka --json', 'One transaction a line.'],
    ],
  );
  withExamples(
    txn
      .command('abort')
      .argument('<id>', 'as `txn list` names it')
      .description('end an open transaction of ours; for one of others print the command that does')
      .option('--yes', 'also when its owner is at work: it starts again from its last commit')
      .action((id: string, options: { yes?: true }) => abort(context, id, options.yes === true)),
    [
      ['tributary txn abort tributary-tributary-3 --log kafka', 'Of task 3, whose process is gone.'],
      ['tributary txn abort producer:4711 --log kafka', 'One that hangs: prints the command of Kafka that ends it.'],
    ],
  );
}

async function list(context: CliContext, all: boolean): Promise<void> {
  const { output } = context;
  await withOperations(context, async (operations, config) => {
    const { namedTransactions } = await import('../txn/survey.ts');
    const { inWords } = await import('../txn/whose.ts');
    const now = Date.now();
    const { transactions, unseen } = await namedTransactions(operations, config, now);
    const lines = transactions
      .filter(({ open }) => open || all)
      .sort(worstFirst)
      .map((transaction): Line => {
        const { startedAt, whose } = transaction;
        return {
          ...transaction,
          whose: inWords(whose),
          startedAt: startedAt === undefined ? undefined : new Date(startedAt).toISOString(),
          ageMs: startedAt === undefined ? undefined : Math.max(0, now - startedAt),
        };
      });
    if (lines.length > 0 || output.json) show(context, lines);
    else output.talk('No transaction is open.');
    for (const line of lines) if (line.hanging !== undefined) output.talk(hangs(line));
    tellUnseen(context, unseen);
  });
}

/** What hangs, then what is open, the oldest first, then what is at rest by its name. */
function worstFirst(a: NamedTransaction, b: NamedTransaction): number {
  const rank = ({ hanging, open }: NamedTransaction): number => (hanging !== undefined ? 0 : open ? 1 : 2);
  const byAge = (a.startedAt ?? Infinity) < (b.startedAt ?? Infinity) ? -1 : 1;
  return rank(a) - rank(b) || (a.startedAt === b.startedAt ? (a.name < b.name ? -1 : 1) : byAge);
}

function show({ output }: CliContext, lines: readonly Line[]): void {
  output.table(
    [
      { title: 'ID', cell: ({ name }) => name },
      {
        title: 'PRODUCER',
        cell: ({ producerId, epoch }) => (epoch === undefined ? `${producerId}` : `${producerId}/${epoch}`),
      },
      {
        title: 'STATE',
        cell: ({ state, hanging }) => (hanging === undefined ? state : `${state}, hangs`),
        paint: (words, { hanging }, paint) => (hanging === undefined ? words : paint.red(words)),
      },
      { title: 'AGE', cell: ({ ageMs }) => (ageMs === undefined ? '' : formatSpan(ageMs)), align: 'right' },
      { title: 'WHOSE', cell: ({ whose }) => whose },
      { title: 'WHERE', cell: ({ places }) => places.map(placeInWords).join(', '), elastic: true },
    ],
    lines,
  );
}

/** Where readers wait at it, the offset. */
function placeInWords({ topic, partition, firstOffset, holdsReaders }: OpenPlace): string {
  return `${topic}-${partition}${holdsReaders ? `@${firstOffset}` : ''}`;
}

function hangs({ name, hanging, places, startedAt }: Line): string {
  const held = places.filter(({ holdsReaders }) => holdsReaders).map(placeInWords);
  const why = hanging === 'orphaned' ? 'no coordinator will end it' : 'its coordinator has not ended it in time';
  const holds = held.length === 0 ? 'nobody waits at it' : `readers wait at ${held.join(', ')}`;
  return `${name} hangs since ${startedAt}: ${why}; ${holds}. \`tributary txn abort ${name}\` says or does what ends it.`;
}

function tellUnseen({ output }: CliContext, unseen: readonly Unseen[]): void {
  for (const { what, fault } of unseen) output.talk(`not seen: ${what}: ${fault.message}. ${fault.next}`);
}

async function abort(context: CliContext, id: string, yes: boolean): Promise<void> {
  const { output } = context;
  await withOperations(context, async (operations, config) => {
    const { liveOwner, namedTransactions } = await import('../txn/survey.ts');
    const { transactions, unseen } = await namedTransactions(operations, config, Date.now());
    const found = transactions.find(({ name }) => name === id);
    if (found === undefined) {
      tellUnseen(context, unseen);
      throw new Fault('NOT_FOUND', `No transaction is named ${id}; \`tributary txn list --all\` shows all`, {
        facts: { transaction: id },
      });
    }
    if (!found.open) {
      output.talk(`${id} has no open transaction (${found.state}); nothing was done.`);
      return;
    }
    if (found.whose.kind === 'foreign' || found.hanging === 'orphaned') return printCommands(context, found, config);
    const owner = yes ? undefined : await liveOwner(operations, config, found);
    if (owner !== undefined) {
      throw new Fault('USAGE', `${id} is in use by ${owner}; --yes takes it away, and its work starts again`, {
        facts: { transaction: id },
      });
    }
    await operations.fence(id);
    const decided = found.state === 'PrepareCommit';
    const words = decided ? `${id}: its commit was decided already and is complete now` : `${id}: aborted`;
    output.datum({ transaction: id, ended: decided ? 'committed' : 'aborted' }, words);
  });
}

async function printCommands({ output }: CliContext, found: NamedTransaction, config: Config): Promise<void> {
  const { abortCommands } = await import('../kafka-commands.ts');
  const commands = abortCommands(found, config);
  const why =
    found.hanging === 'orphaned'
      ? 'No coordinator knows it, so markers have to be written by hand; what it wrote is dropped.'
      : 'It is none of ours: make sure that its owner is gone.';
  output.talk(`${why} Nothing was done. With the tools of Kafka 4.3:`);
  for (const command of commands) output.datum({ transaction: found.name, command }, command);
}

async function withOperations(
  context: CliContext,
  work: (operations: KafkaOperations, config: Config) => Promise<void>,
): Promise<void> {
  const { config } = context.settings();
  if (config.log.kind !== 'kafka') {
    const words = `Transactions can be seen on Kafka; the log here is ${config.log.kind}, where the next owner ends what was left open`;
    throw new Fault('USAGE', words, { facts: { log: config.log.kind } });
  }
  const { configuredOperations } = await import('../../platform/kafka/configured-log.ts');
  const operations = await configuredOperations(config.kafka);
  try {
    await work(operations, config);
  } finally {
    operations.close();
  }
}

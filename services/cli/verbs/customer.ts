import type { Command } from 'commander';
import type { SegmentNow } from '../../core/domain/evaluation/explain.ts';
import { isPending } from '../customers/standing-words.ts';
import type { StoredCustomer } from '../customers/stored-customer.ts';
import { instant } from '../instants.ts';
import { withLog } from '../open-log.ts';
import { unknownSegment } from '../segments/unknown-segment.ts';
import { GROUPS, withExamples, type CliContext, type Verb } from '../verb.ts';

/** `customer show`: state, segments, why, and what comes next. */
export const customerVerb: Verb = { register };

function register(program: Command, context: CliContext): void {
  const customer = program.command('customer').description('look at one customer').helpGroup(GROUPS.look);
  withExamples(
    customer
      .command('show <id>')
      .description('segments with the reason, what is missing for the others, and what will change when')
      .option('--segment <key>', 'only this segment')
      .option('--all', 'also segments the customer is not in')
      .action((id: string, options: { segment?: string; all?: true }) => show(context, id, options)),
    [
      ['tributary customer show 17850', 'Which segments, why, and until when if nothing happens.'],
      ['tributary customer show 17850 --segment low-csat', 'Why this customer is in it, or what is missing.'],
      ['tributary customer show 17850 --json', 'The same for a program.'],
    ],
  );
}

async function show(context: CliContext, id: string, options: { segment?: string; all?: true }): Promise<void> {
  const { readPublished } = await import('../segments/published.ts');
  const { readStoredCustomer } = await import('../customers/stored-customer.ts');
  const { topicNames } = await import('../../platform/topics/topic-plan.ts');
  const { explainCustomer } = await import('../../core/domain/evaluation/explain.ts');
  await withLog(context, { owner: false }, async ({ log, config }) => {
    const { catalogue } = await readPublished(log, config);
    const { partitions } = config.topics;
    const stored = await readStoredCustomer(
      log,
      topicNames(config.topics).changelog,
      partitions,
      catalogue,
      id,
      context.signal,
    );
    if (stored === undefined) {
      const { unknownCustomer } = await import('../customers/unknown-customer.ts');
      throw await unknownCustomer(log, topicNames(config.topics).memberships, id, context.signal);
    }
    const segments = explainCustomer(stored.customer, stored.rules, stored.clock);
    const chosen = chosenOf(segments, options);
    const { sayCustomer } = await import('../customers/say-customer.ts');
    const { enterDateInWords } = await import('../customers/enter-date.ts');
    const why = (segment: SegmentNow) => enterDateInWords(stored, catalogue, segment, instant);
    if (context.output.json) {
      const told = options.segment === undefined ? segments : chosen;
      const explained = told.map((segment) => ({ ...segment, enterDate: why(segment) ?? null }));
      context.output.datum(asRecord(stored, explained), '');
    } else sayCustomer(context.output, stored, segments, chosen, why);
  });
}

/** What was asked for; without a wish what the customer is in, is about to enter, or is kept out of by hand. */
function chosenOf(
  segments: readonly SegmentNow[],
  options: { readonly segment?: string; readonly all?: true },
): readonly SegmentNow[] {
  const wanted = options.segment;
  if (wanted === undefined) return segments.filter(({ member, state }) => member || isPending(state) || options.all);
  const chosen = segments.filter(({ key, group }) => key === wanted || group === wanted);
  if (chosen.length > 0) return chosen;
  const groups = new Set(segments.flatMap(({ group }) => group ?? []));
  throw unknownSegment(wanted, [...segments.map(({ key }) => key), ...groups]);
}

function asRecord(
  { customer: { profile }, clock, partition }: StoredCustomer,
  segments: readonly SegmentNow[],
): Record<string, unknown> {
  const { key, life, seq, asOf, tenure, rulesOffset } = profile;
  return { customerId: key, partition, life, seq, asOf, knownSince: tenure, taskClock: clock, rulesOffset, segments };
}

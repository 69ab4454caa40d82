import type { Command } from 'commander';
import type { SegmentNow } from '../../core/domain/evaluation/explain.ts';
import { durationInWords } from '../../core/domain/time/duration.ts';
import type { StoredCustomer } from '../customers/stored-customer.ts';
import { withLog } from '../open-log.ts';
import type { Output } from '../output.ts';
import { unknownSegment } from '../segments/unknown-segment.ts';
import { counted } from '../text.ts';
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
    const keys = segments.map(({ key }) => key);
    if (options.segment !== undefined && !keys.includes(options.segment)) throw unknownSegment(options.segment, keys);
    const chosen = segments.filter(
      ({ key, member }) => options.segment === key || (options.segment === undefined && (member || options.all)),
    );
    const { enterDateInWords } = await import('../customers/enter-date.ts');
    const why = (segment: SegmentNow) => enterDateInWords(stored, catalogue, segment, instant);
    if (context.output.json) {
      const told = options.segment === undefined ? segments : chosen;
      const explained = told.map((segment) => ({ ...segment, enterDate: why(segment) ?? null }));
      context.output.datum(asRecord(stored, explained), '');
    } else inWords(context.output, stored, segments, chosen, why);
  });
}

function asRecord(
  { customer: { profile }, clock, partition }: StoredCustomer,
  segments: readonly SegmentNow[],
): Record<string, unknown> {
  const { key, life, seq, asOf, tenure, rulesOffset } = profile;
  return { customerId: key, partition, life, seq, asOf, knownSince: tenure, taskClock: clock, rulesOffset, segments };
}

function inWords(
  output: Output,
  stored: StoredCustomer,
  all: readonly SegmentNow[],
  chosen: readonly SegmentNow[],
  why: (segment: SegmentNow) => string | undefined,
): void {
  const { profile } = stored.customer;
  const { paint } = output;
  const age = Math.max(0, stored.clock - profile.asOf);
  output.words(
    `${paint.bold(profile.key)}  known since ${date(profile.tenure)}, ${counted(profile.seq, 'change')} of segment so far`,
  );
  output.words(
    paint.dim(
      `as of ${instant(profile.asOf)}; the task clock stands at ${instant(stored.clock)}${age > 1000 ? `, ${durationInWords(age)} later` : ''}`,
    ),
  );
  for (const segment of chosen) oneSegment(output, segment, why(segment));
  const members = all.filter(({ member }) => member).length;
  const rest = all.length - members;
  // Somebody who asked for one segment, or for all, has seen what is missing.
  if (chosen.some(({ member }) => !member) || rest === 0) return;
  output.words();
  output.words(
    members === 0
      ? `In none of ${counted(all.length, 'segment')}; --all says what is missing.`
      : paint.dim(`Not in ${counted(rest, 'other')}; --all says what is missing.`),
  );
}

function oneSegment(output: Output, segment: SegmentNow, enterDate: string | undefined): void {
  const { paint } = output;
  const state = segment.member
    ? paint.green('in')
    : segment.rule === 'unknown'
      ? paint.yellow('not known')
      : paint.dim('out');
  const since = segment.enteredAt === null ? '' : ` since ${instant(segment.enteredAt)}`;
  output.words();
  output.words(`${state}  ${paint.bold(segment.name)} (${segment.key}, version ${segment.version})${since}`);
  if (segment.member && enterDate !== undefined) output.words(paint.dim(`    ${enterDate}`));
  for (const condition of segment.conditions) {
    const mark = { true: paint.green('+'), false: paint.dim('-'), unknown: paint.yellow('?') }[condition.truth];
    output.words(`    ${mark} ${condition.sentence}`);
    if (condition.since !== null) output.words(paint.dim(`      known from ${instant(condition.since)} on`));
  }
  if (segment.next === null) return;
  output.words(
    `    ${segment.next.entered ? 'enters' : 'leaves'} at ${instant(segment.next.at)} unless something happens before`,
  );
  if (!segment.member && enterDate !== undefined) output.words(paint.dim(`      ${enterDate}`));
}

function instant(ms: number): string {
  return Number.isFinite(ms)
    ? new Date(ms)
        .toISOString()
        .replace('T', ' ')
        .replace(/\.000Z$/, 'Z')
    : 'never';
}

function date(ms: number): string {
  return Number.isFinite(ms) ? new Date(ms).toISOString().slice(0, 10) : 'today';
}

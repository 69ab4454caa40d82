/** `segments explain`: a rule in words, condition by condition; with a customer what it comes to, and what will change it. */
import { explainCustomer, type SegmentNow } from '../../core/domain/evaluation/explain.ts';
import { Fault } from '../../core/faults.ts';
import { topicNames } from '../../platform/topics/topic-plan.ts';
import { readStoredCustomer, type StoredCustomer } from '../customers/stored-customer.ts';
import { waitsFor } from '../customers/say-customer.ts';
import { nextInWords } from '../customers/standing-words.ts';
import { instant } from '../instants.ts';
import { withLog } from '../open-log.ts';
import type { Output, Paint } from '../output.ts';
import type { CliContext } from '../verb.ts';
import { inCatalogue, lookUp, rulesIn, type Found, type NamedRule } from './look-up.ts';
import { readPublished } from './published.ts';
import { missingFor, ruleTree, treeLines, type RuleNode } from './rule-tree.ts';
import { stabilityLines } from './stability-words.ts';

interface Explained {
  readonly rule: NamedRule;
  readonly enter: RuleNode | null;
  readonly stay: RuleNode | null;
  readonly now: SegmentNow | undefined;
  readonly waits: string | undefined;
}

/** Throws NOT_FOUND with the nearest key, or the nearest customer. */
export async function explainSegment(
  context: CliContext,
  key: string,
  { customer, files }: { readonly customer?: string; readonly files?: string },
): Promise<void> {
  if (customer !== undefined && files !== undefined)
    throw new Fault('USAGE', '--customer and --files do not go together: a customer is judged by what is live');
  if (customer === undefined) {
    sayAll(context.output, await lookUp(context, key, files), undefined);
    return;
  }
  await withLog(context, { owner: false }, async ({ log, config }) => {
    const { catalogue } = await readPublished(log, config);
    const found = inCatalogue(catalogue, key);
    const { changelog, memberships } = topicNames(config.topics);
    const { partitions } = config.topics;
    const stored = await readStoredCustomer(log, changelog, partitions, catalogue, customer, context.signal);
    if (stored === undefined) {
      const { unknownCustomer } = await import('../customers/unknown-customer.ts');
      throw await unknownCustomer(log, memberships, customer, context.signal);
    }
    context.output.words(`${context.output.paint.bold(customer)}  as of ${instant(stored.clock)}`);
    sayAll(context.output, found, stored);
  });
}

function sayAll(output: Output, found: Found, stored: StoredCustomer | undefined): void {
  if (found.kind === 'table') {
    const { key, name, measure, cuts } = found.table;
    output.datum(
      { key, name, measure, cuts: [...cuts] },
      `${output.paint.bold(name)} (${key}): cut-offs of ${measure}`,
    );
    return;
  }
  const all = stored === undefined ? [] : explainCustomer(stored.customer, stored.rules, stored.clock);
  for (const rule of rulesIn(found)) {
    if (stored === undefined) say(output, explained(rule, undefined, undefined));
    else sayFor(output, rule, stored, all);
  }
}

/** By the version the customer was last judged by, which may be older than the newest published. */
function sayFor(output: Output, rule: NamedRule, stored: StoredCustomer, all: readonly SegmentNow[]): void {
  const now = all.find(({ key }) => key === rule.key);
  if (now === undefined) {
    output.datum({ key: rule.key, standing: null }, `\n${rule.name} (${rule.key}) is not in force yet`);
    return;
  }
  const { membership } = stored.rules.plan.rule(now.number)!;
  const asJudged = { ...rule, membership: rule.membership === null ? null : membership };
  say(output, explained(asJudged, now, waitsFor(now, all, membership, stored.customer.profile.key)));
}

function explained(rule: NamedRule, now: SegmentNow | undefined, waits: string | undefined): Explained {
  const { membership, enterAt, stayAt } = rule;
  if (membership === null) return { rule, enter: null, stay: null, now, waits };
  const { enter, stay } = membership;
  const byPath = now === undefined ? undefined : new Map(now.conditions.map((one) => [one.path, one]));
  return {
    rule,
    enter: ruleTree(enter, enterAt, byPath),
    stay: stay === null ? null : ruleTree(stay, stayAt, byPath),
    now,
    waits,
  };
}

function say(output: Output, { rule, enter, stay, now, waits }: Explained): void {
  const missing = now === undefined || now.member || enter === null ? [] : missingFor(enter);
  if (output.json) {
    const { key, name, membership } = rule;
    const standing = now === undefined ? null : { ...now, conditions: undefined, missing };
    const stability = membership === null ? [] : stabilityLines(membership);
    output.datum({ key, name, enter, stay, stability, standing }, '');
    return;
  }
  const { paint } = output;
  output.words();
  output.words(`${now === undefined ? '' : `${verdictOf(now, paint)}  `}${paint.bold(rule.name)} (${rule.key})`);
  if (enter === null) output.words('  whoever is in none of the others');
  else sayTree(output, 'enters when', enter);
  if (stay !== null) sayTree(output, 'stays while', stay);
  if (rule.membership !== null) for (const line of stabilityLines(rule.membership)) output.words(`  ${line}`);
  if (now === undefined) return;
  if (waits !== undefined) output.words(`  now: ${waits}`);
  if (missing.length > 0) output.words(`  missing: ${missing.join('; and ')}`);
  output.words(`  ${nextInWords(now) ?? 'nothing changes by time alone'}`);
}

function sayTree(output: Output, title: string, root: RuleNode): void {
  output.words(`  ${title}`);
  for (const { indent, node } of treeLines(root)) {
    const { kind, truth } = node;
    const mark = truth === null ? '' : `${markOf(truth, output.paint)} `;
    const now = kind === 'condition' ? node.now : null;
    const since = now === null || now.since === null ? '' : output.paint.dim(` (known from ${instant(now.since)} on)`);
    output.words(`    ${output.paint.dim(indent)}${mark}${now?.sentence ?? node.words}${since}`);
  }
}

function verdictOf({ member, rule }: SegmentNow, paint: Paint): string {
  if (member) return paint.green('in');
  return rule === 'unknown' ? paint.yellow('not known') : paint.dim('out');
}

function markOf(truth: 'true' | 'false' | 'unknown', paint: Paint): string {
  return { true: paint.green('+'), false: paint.dim('-'), unknown: paint.yellow('?') }[truth];
}

/** A customer for a person: what they are in, why, what it waits for, and what comes next. */
import type { ConditionNow, SegmentNow } from '../../core/domain/evaluation/explain.ts';
import type { Membership } from '../../core/domain/language/ast.ts';
import { durationInWords } from '../../core/domain/time/duration.ts';
import { day, instant } from '../instants.ts';
import type { Output } from '../output.ts';
import { counted } from '../text.ts';
import { isPending, nextInWords, stateInWords } from './standing-words.ts';
import type { StoredCustomer } from './stored-customer.ts';

/** `enterDate`: why a segment is entered at just its instant, where that needs a word. */
export function sayCustomer(
  output: Output,
  stored: StoredCustomer,
  all: readonly SegmentNow[],
  chosen: readonly SegmentNow[],
  enterDate: (segment: SegmentNow) => string | undefined,
): void {
  const { profile } = stored.customer;
  const { paint } = output;
  const age = Math.max(0, stored.clock - profile.asOf);
  output.words(
    `${paint.bold(profile.key)}  known since ${day(profile.tenure)}, ${counted(profile.seq, 'change')} of segment so far`,
  );
  const later = age > 1000 ? `, ${durationInWords(age)} later` : '';
  output.words(paint.dim(`as of ${instant(profile.asOf)}; the task clock stands at ${instant(stored.clock)}${later}`));
  const { plan } = stored.rules;
  for (const segment of chosen) {
    const group = segment.group === null ? undefined : plan.unit(segment.group);
    sayOne(output, segment, {
      name: group === undefined ? segment.name : `${group.live.definition.name}: ${segment.name}`,
      isDefault: group?.kind === 'group' && group.fallback.number === segment.number,
      enterDate: enterDate(segment),
      waits: waitsFor(segment, all, plan.rule(segment.number)?.membership, profile.key),
      next: nextOf(segment, all),
    });
  }
  sayRest(output, all, chosen);
}

interface Told {
  readonly name: string;
  /** Of a group: it has no rule of its own. */
  readonly isDefault: boolean;
  readonly enterDate: string | undefined;
  readonly waits: string | undefined;
  readonly next: string | undefined;
}

function sayOne(output: Output, segment: SegmentNow, { name, isDefault, enterDate, waits, next }: Told): void {
  const { paint } = output;
  const { key, version, member, rule, enteredAt, conditions } = segment;
  const verdict = member ? paint.green('in') : rule === 'unknown' ? paint.yellow('not known') : paint.dim('out');
  const since = enteredAt === null ? '' : ` since ${instant(enteredAt)}`;
  output.words();
  output.words(`${verdict}  ${paint.bold(name)} (${key}, version ${version})${since}`);
  if (member && enterDate !== undefined) output.words(paint.dim(`    ${enterDate}`));
  if (isDefault) output.words('    whoever is in none of the others');
  for (const condition of conditions.filter(({ path }) => !isOfStay(path))) sayCondition(output, condition);
  const staying = member ? conditions.filter(({ path }) => isOfStay(path)) : [];
  if (staying.length > 0) output.words(paint.dim('    enough to stay'));
  for (const condition of staying) sayCondition(output, condition);
  if (waits !== undefined) output.words(`    ${waits}`);
  if (next === undefined) return;
  output.words(`    ${next}`);
  if (!member && enterDate !== undefined) output.words(paint.dim(`      ${enterDate}`));
}

function sayCondition(output: Output, condition: ConditionNow): void {
  const { paint } = output;
  const mark = { true: paint.green('+'), false: paint.dim('-'), unknown: paint.yellow('?') }[condition.truth];
  output.words(`    ${mark} ${condition.sentence}`);
  if (condition.since !== null) output.words(paint.dim(`      known from ${instant(condition.since)} on`));
}

/** Paths begin with the rule: `stay.all[0]`, in a group `members.gold.stay.all[0]`. */
function isOfStay(path: string): boolean {
  return /^(members\.[^.]+\.)?stay(\.|$)/.test(path);
}

/** What it waits for, or which member of its group comes before it. */
export function waitsFor(
  segment: SegmentNow,
  all: readonly SegmentNow[],
  membership: Membership | undefined,
  customer: string,
): string | undefined {
  const state = stateInWords(segment, membership, customer);
  const { group, member, rule } = segment;
  if (state !== undefined || group === null || member || rule !== 'true') return state;
  const current = all.find((one) => one.group === group && one.member);
  return current === undefined ? undefined : `its rule holds, but ${current.name} comes first for now`;
}

/** What comes next, and of a move where it leads. */
function nextOf(segment: SegmentNow, all: readonly SegmentNow[]): string | undefined {
  const text = nextInWords(segment);
  const { group, next, member } = segment;
  if (text === undefined || group === null || next === null || next.entered || !member) return text;
  const to = all.find((one) => one.group === group && one.next?.entered === true && one.next.at === next.at);
  return to === undefined ? text : text.replace('moves on', `moves to ${to.name}`);
}

/** Of groups everybody is in one member; only segments are counted. */
function sayRest(output: Output, all: readonly SegmentNow[], chosen: readonly SegmentNow[]): void {
  const segments = all.filter(({ group }) => group === null);
  const members = segments.filter(({ member }) => member).length;
  const rest = segments.length - members;
  // Somebody who asked for one segment, or for all, has seen what is missing.
  if (rest === 0 || chosen.some(({ member, state }) => !member && !isPending(state))) return;
  output.words();
  output.words(
    members === 0
      ? `In none of ${counted(segments.length, 'segment')}; --all says what is missing.`
      : output.paint.dim(`Not in ${counted(rest, 'other')}; --all says what is missing.`),
  );
}

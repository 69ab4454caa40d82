/** The life of issues (catalogue §0), told from the log of a customer's events that name one. */
import type { Fact } from '../domain/events/fact.ts';
import type { Measure } from '../domain/language/ast.ts';
import { DAY_MS } from '../domain/time/duration.ts';
import { fieldOf, passes } from './matching.ts';
import type { Feed } from './sight.ts';
import type { Seen } from './trail.ts';

type Of<K extends Measure['kind']> = Extract<Measure, { kind: K }>;

/** How long after its first resolution another contact says that the first one failed (catalogue §2, `fcr`). */
const SETTLING_MS = 7 * DAY_MS;

function isKind(entry: Seen, kind: string): boolean {
  return fieldOf(entry.fact, 'kind') === kind;
}

function isInboundContact(entry: Seen): boolean {
  return isKind(entry, 'contact') && fieldOf(entry.fact, 'direction') === 'inbound';
}

function isOpening(entry: Seen): boolean {
  return isKind(entry, 'ticket_opened') || isKind(entry, 'ticket_reopened') || isInboundContact(entry);
}

function isResolution(entry: Seen): boolean {
  return isKind(entry, 'ticket_resolved');
}

/** Each issue's events in the window, ascending. */
function issuesIn(feed: Feed, windowMs: number, at: number): readonly (readonly Seen[])[] {
  const issues = new Map<string, Seen[]>();
  for (const entry of feed.trail.between(at - windowMs, at)) {
    const issue = issues.get(entry.text!);
    if (issue === undefined) issues.set(entry.text!, [entry]);
    else issue.push(entry);
  }
  return [...issues.values()];
}

export function openIssues(measure: Of<'openIssues'>, feed: Feed, at: number): number {
  return issuesIn(feed, measure.windowMs, at).filter((issue) => isOpen(issue) && fits(issue, measure)).length;
}

function isOpen(issue: readonly Seen[]): boolean {
  const opening = issue.findLastIndex(isOpening);
  return opening >= 0 && opening > issue.findLastIndex(isResolution);
}

function fits(issue: readonly Seen[], { where, escalated }: Of<'openIssues'>): boolean {
  if (escalated !== null && issue.some((entry) => isKind(entry, 'ticket_escalated')) !== escalated) return false;
  return where.every(({ field, test }) => passes(test, latestValue(issue, field)));
}

function latestValue(issue: readonly Seen[], field: string): unknown {
  const said = (fact: Fact): unknown => fieldOf(fact, field) ?? undefined;
  const last = issue.findLast(({ fact }) => said(fact) !== undefined);
  return last === undefined ? undefined : said(last.fact);
}

/** Reopened by name, or by a contact after its newest resolution. */
export function reopenings({ windowMs }: Of<'reopenedIssues'>, feed: Feed, at: number): number {
  const isReopening = (entry: Seen, place: number, issue: readonly Seen[]): boolean => {
    if (isKind(entry, 'ticket_reopened')) return true;
    if (!isInboundContact(entry)) return false;
    const earlier = issue.slice(0, place).findLast((other) => isOpening(other) || isResolution(other));
    return earlier !== undefined && isResolution(earlier);
  };
  return issuesIn(feed, windowMs, at).reduce((sum, issue) => sum + issue.filter(isReopening).length, 0);
}

/** Of the newest n resolved issues: those that came back. */
export function failedFirstContacts({ n, windowMs }: Of<'failedFirstContacts'>, feed: Feed, at: number): number {
  const places = new Map(feed.trail.kept.map((entry, place) => [entry, place]));
  const resolved = issuesIn(feed, windowMs, at).flatMap((issue) => {
    const opening = issue.findIndex(isOpening);
    const resolution = opening < 0 ? undefined : issue.slice(opening).find(isResolution);
    return resolution === undefined ? [] : [{ issue, opened: places.get(issue[opening]!)!, resolution }];
  });
  const newest = resolved.sort((a, b) => b.opened - a.opened).slice(0, n);
  return newest.filter(({ issue, resolution }) => {
    const second = issue.filter(isInboundContact)[1];
    const cameBack = second !== undefined && second.instant <= resolution.instant + SETTLING_MS;
    return cameBack || issue.some((entry) => isKind(entry, 'ticket_reopened'));
  }).length;
}

/**
 * Which series a condition is a view over (S1). Two views with one identity share one series, whatever their windows,
 * thresholds and definitions; the identity is what a task numbers when a series is born (D4).
 */
import { DAY_MS } from '../time/duration.ts';
import type { Window } from '../time/window.ts';
import type {
  Condition,
  Definition,
  EventFilter,
  FieldClause,
  LeafCondition,
  Measure,
  Membership,
  Operand,
  Projection,
  TextMeasure,
} from './ast.ts';
import { BOUNDS } from './authored.ts';

export type Shape =
  /** Tiles of counts, with a projected number where one is read (count, sum, average, min, max …). */
  | { readonly shape: 'tiles'; readonly field: string | null; readonly scale: number }
  /** The newest entries, for order-dependent functions; `numbered`: only events that have the number. */
  | { readonly shape: 'tape'; readonly field: string | null; readonly scale: number; readonly numbered: boolean }
  /** The newest instant of each value of a field (count distinct). */
  | { readonly shape: 'latest'; readonly field: string }
  /** The newest entries with a text; `present`: only events that have the field. */
  | { readonly shape: 'texts'; readonly field: string; readonly present: boolean }
  /** The oldest event ever, with a number (scale), a text (0) or nothing, and how many there were. */
  | { readonly shape: 'ends'; readonly field: string | null; readonly scale: number }
  /**
   * Events in order, each with the filters it passes, the key (events without it are left out) and a number (scale) or text
   * (scale 0) where a field is named.
   */
  | { readonly shape: 'log'; readonly key: string | null; readonly field: string | null; readonly scale: number }
  /** What was written to a trait. */
  | { readonly shape: 'writes'; readonly trait: string }
  /** No series: its birth says since when entries and exits of a segment are remembered. */
  | { readonly shape: 'stays'; readonly segment: string };

export interface SeriesIdentity {
  /** Events that pass one of them; several only of a log, where their places are its bits. */
  readonly filters: readonly EventFilter[];
  readonly shape: Shape;
  /** The canonical text of both: equal texts are one series. */
  readonly text: string;
}

/** What a view needs of its series: how far back, and how many of the newest. */
export interface SeriesNeed {
  readonly identity: SeriesIdentity;
  /** Longest reach of the view, ms; 0 = none. */
  readonly reachMs: number;
  /** Everything ever counts. */
  readonly lifetime: boolean;
  /** Newest entries needed (tape, texts). */
  readonly newest: number;
}

/** What is kept at most of windows that begin at an anchor or on a fixed day, ms. */
const REACH_MAX_MS = BOUNDS.windowDays * DAY_MS;
/** Half-lives after which an event has no weight any more. */
export const DECAY_HALF_LIVES = 20;
/** Up to when after its first resolution a second contact makes a first contact failed, ms (catalogue §2). */
export const FIRST_CONTACT_MS = 7 * DAY_MS;

function need(
  filters: readonly EventFilter[],
  shape: Shape,
  reach: { readonly reachMs?: number; readonly lifetime?: boolean; readonly newest?: number } = {},
): SeriesNeed {
  const parts = filters.map(({ events, where }) => [events, where]);
  const text = JSON.stringify(parts.length === 1 ? [...parts[0]!, shape] : [parts, shape]);
  return { identity: { filters, shape, text }, reachMs: 0, lifetime: false, newest: 1, ...reach };
}

/** The series a leaf reads, in the order its operator knows them by. */
export function needsOf(leaf: LeafCondition): readonly SeriesNeed[] {
  switch (leaf.kind) {
    case 'compare':
      return [
        ...needsOfMeasure(leaf.measure),
        ...(leaf.test.against === undefined ? [] : needsOfOperand(leaf.test.against)),
      ];
    case 'text':
      return needsOfText(leaf.measure);
    case 'none':
    case 'never':
      return [bareTape(leaf.filter)];
    case 'noneSince':
      return [bareTape(leaf.filter), bareTape(leaf.since)];
    case 'date':
      return leaf.source.kind === 'trait'
        ? []
        : [need([leaf.source.filter], { shape: 'tape', field: leaf.source.field, scale: 1, numbered: false })];
    case 'traitChanged':
    case 'traitHeld':
      return [need([], { shape: 'writes', trait: leaf.trait })];
    case 'segment':
      return leaf.test.op === 'enteredWithin' || leaf.test.op === 'leftWithin' ? [staysOf(leaf.key)] : [];
    case 'tier':
      return leaf.test.op === 'movedUp' || leaf.test.op === 'movedDown' ? [staysOf(leaf.group)] : [];
    case 'trait':
    case 'score':
    case 'consent':
    case 'bucket':
      return [];
  }
}

function needsOfText(measure: TextMeasure): readonly SeriesNeed[] {
  switch (measure.kind) {
    case 'textLast':
      return [need([measure.filter], textsOf(measure.field, false), { newest: measure.n })];
    case 'textFirst':
      return [need([measure.filter], { shape: 'ends', field: measure.field, scale: 0 }, { lifetime: true })];
    case 'mostFrequent': {
      const { filter, field, over } = measure;
      return 'n' in over
        ? [need([filter], textsOf(field, true), { newest: over.n })]
        : [need([filter], { shape: 'log', key: null, field, scale: 0 }, { reachMs: over.windowMs })];
    }
  }
}

function needsOfOperand(operand: Operand): readonly SeriesNeed[] {
  return operand.kind === 'measure' ? needsOfMeasure(operand.measure) : [];
}

/** The series a measure reads, in the order its operator knows them by; that of an anchor of its window last. */
export function needsOfMeasure(measure: Measure): readonly SeriesNeed[] {
  switch (measure.kind) {
    case 'count':
    case 'daysActive':
      return [need([measure.filter], tiles(null), reachOf(measure.window)), ...anchorOf(measure.window)];
    case 'sum':
    case 'average':
    case 'min':
    case 'max':
      return [need([measure.filter], tiles(measure.of), reachOf(measure.window)), ...anchorOf(measure.window)];
    case 'countDistinct': {
      const { filter, window, field } = measure;
      // The newest instant of a value says whether it lies in a window that ends now, and in no other.
      const shape: Shape = endsNow(window) ? { shape: 'latest', field } : { shape: 'log', key: null, field, scale: 0 };
      return [need([filter], shape, reachOf(window)), ...anchorOf(window)];
    }
    case 'largestPerKey': {
      const { filter, window, key, per } = measure;
      const of = per.kind === 'sum' ? per.of : { field: per.kind === 'count' ? null : per.field, scale: 0 };
      return [
        need([filter], { shape: 'log', key, field: of.field, scale: of.scale }, reachOf(window)),
        ...anchorOf(window),
      ];
    }
    case 'last':
    case 'nthLast':
      return [need([measure.filter], numbers(measure.of, false), { newest: measure.kind === 'last' ? 1 : measure.n })];
    case 'averageLast':
    case 'sumLast':
    case 'minLast':
    case 'maxLast':
      return [need([measure.filter], numbers(measure.of, true), { newest: measure.n })];
    case 'trendLast':
      return [need([measure.filter], numbers(measure.of, true), { newest: 2 * measure.n })];
    case 'countDistinctLast':
      return [need([measure.filter], textsOf(measure.field, true), { newest: measure.n })];
    case 'first':
      return [
        need([measure.filter], { shape: 'ends', field: measure.of.field, scale: measure.of.scale }, { lifetime: true }),
      ];
    case 'timeSinceFirst':
      return [need([measure.filter], { shape: 'ends', field: null, scale: 1 }, { lifetime: true })];
    case 'timeSinceLast':
      return [bareTape(measure.filter)];
    case 'averageGap':
      return measure.window.kind === 'lifetime'
        ? [need([measure.filter], { shape: 'ends', field: null, scale: 1 }, { lifetime: true })]
        : [need([measure.filter], tiles(null), reachOf(measure.window)), ...anchorOf(measure.window)];
    case 'decayedSum':
    case 'decayedAverage':
      return [need([measure.filter], tiles(measure.of), { reachMs: DECAY_HALF_LIVES * measure.halfLifeMs })];
    case 'ratio':
      return [measure.top, measure.bottom, ...(measure.enough === null ? [] : [measure.enough.measure])].flatMap(
        needsOfMeasure,
      );
    case 'sequence': {
      const { first, then, without, key, ms, windowMs } = measure;
      const roles = without === null ? [first, then] : [first, then, without];
      return [need(roles, log(key), { reachMs: windowMs + ms })];
    }
    case 'notFollowedBy':
      return [need([measure.first, measure.by], log(measure.key), { reachMs: measure.windowMs })];
    case 'openIssues': {
      const fields = measure.where.flatMap((clause) => [saying(clause.field), saying(clause.field, clause)]);
      return [need([...ISSUE_ROLES, ESCALATED, ...fields], log('issueId'), { reachMs: measure.windowMs })];
    }
    case 'reopenedIssues':
    case 'failedFirstContacts':
      return [need(ISSUE_ROLES, log('issueId'), { reachMs: measure.windowMs })];
  }
}

function oneOf(field: string, ...values: readonly string[]): FieldClause {
  return { field, test: { op: 'in', values } };
}

/** Inbound contacts, openings by ticket, reopenings, resolutions: what an issue's life is told by (catalogue §0). */
const ISSUE_ROLES: readonly EventFilter[] = [
  { events: ['interaction'], where: [oneOf('direction', 'inbound'), oneOf('kind', 'contact')] },
  { events: ['interaction'], where: [oneOf('kind', 'ticket_opened')] },
  { events: ['interaction'], where: [oneOf('kind', 'ticket_reopened')] },
  { events: ['interaction'], where: [oneOf('kind', 'ticket_resolved')] },
];
const ESCALATED: EventFilter = { events: ['interaction'], where: [oneOf('kind', 'ticket_escalated')] };

/** Bits of the roles of an issue's log; those of the fields of `where` follow in twos: says it, and passes. */
export const ISSUE_BITS = { contact: 1, opened: 2, reopened: 4, resolved: 8, escalated: 16, fieldsFrom: 5 } as const;

/** Tests of an issue's fields that its log has bits for. */
export const ISSUE_CLAUSES_MAX = 13;

function saying(field: string, clause?: FieldClause): EventFilter {
  const known: FieldClause = { field, test: { op: 'known', expected: true } };
  return { events: ['interaction'], where: [clause ?? known] };
}

function bareTape(filter: EventFilter): SeriesNeed {
  return need([filter], { shape: 'tape', field: null, scale: 1, numbered: false });
}

function tiles(of: Projection | null): Shape {
  return { shape: 'tiles', field: of?.field ?? null, scale: of?.scale ?? 1 };
}

function numbers(of: Projection, numbered: boolean): Shape {
  return { shape: 'tape', field: of.field, scale: of.scale, numbered };
}

function textsOf(field: string, present: boolean): Shape {
  return { shape: 'texts', field, present };
}

function log(key: string | null): Shape {
  return { shape: 'log', key, field: null, scale: 0 };
}

function endsNow(window: Window): boolean {
  switch (window.kind) {
    case 'lifetime':
    case 'sinceEvent':
    case 'sinceTrait':
      return true;
    case 'sliding':
      return window.offsetMs === 0;
    case 'calendar':
      return window.back === 0;
    case 'fixed':
      return false;
  }
}

function anchorOf(window: Window): readonly SeriesNeed[] {
  return window.kind === 'sinceEvent' ? [bareTape(window.filter)] : [];
}

/** Days of the longest unit, and one for a change of the clocks. */
const UNIT_DAYS = { day: 2, week: 8, month: 32, quarter: 93, year: 367 } as const;

/** How far before `at` a window can begin, ms. */
function reachOf(window: Window): { readonly reachMs: number; readonly lifetime: boolean } {
  switch (window.kind) {
    case 'lifetime':
      return { reachMs: 0, lifetime: true };
    case 'sliding':
      return { reachMs: window.ms + window.offsetMs, lifetime: false };
    case 'calendar':
      return { reachMs: (window.back + 1) * UNIT_DAYS[window.unit] * DAY_MS, lifetime: false };
    case 'sinceEvent':
    case 'sinceTrait':
    case 'fixed':
      return { reachMs: REACH_MAX_MS, lifetime: false };
  }
}

/** Leaves of a condition, in the order they are written. */
export function leavesIn(condition: Condition): readonly LeafCondition[] {
  if (isLeaf(condition)) return [condition];
  return condition.kind === 'not' ? leavesIn(condition.of) : condition.of.flatMap(leavesIn);
}

export function isLeaf(condition: Condition): condition is LeafCondition {
  return !JOINTS.has(condition.kind);
}

const JOINTS: ReadonlySet<Condition['kind']> = new Set(['all', 'any', 'atLeastOf', 'not'] as const);

/**
 * The texts of all series a definition rests on, each once. What is remembered of entries and exits is among them where its own
 * stability needs it.
 */
export function seriesOfDefinition(definition: Definition): string[] {
  const rules: readonly Membership[] = definition.kind === 'segment' ? [definition] : definition.members;
  const conditions = rules.flatMap(({ enter, stay }) => (stay === null ? [enter] : [enter, stay]));
  const needs = conditions.flatMap(leavesIn).flatMap(needsOf);
  const own = definition.kind === 'group' || remembers(definition) ? [staysOf(definition.key)] : [];
  return [...new Set([...needs, ...own].map(({ identity }) => identity.text))];
}

/** Whether more than membership itself is kept of a segment, for its own sake. */
export function remembers({ stability, include, exclude, consent }: Membership): boolean {
  const { confirmMs, graceMs, minStayMs, maxStayMs, cooldownMs } = stability;
  const waits = confirmMs > 0 || graceMs > 0 || minStayMs > 0 || maxStayMs !== null || cooldownMs > 0;
  const forced = include.length > 0 || exclude.length > 0 || consent !== null;
  return waits || forced;
}

/** What is remembered of a segment's or group's entries and exits. */
export function staysOf(key: string): SeriesNeed {
  return need([], { shape: 'stays', segment: key });
}

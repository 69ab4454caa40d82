/**
 * What the design has and this version has not: refused by name, so that nobody takes it for a slip of the pen. A name leaves
 * this list when it comes into authored.ts.
 */

/** Entries of a segment. */
const OF_SEGMENTS = [
  'stay',
  'confirm',
  'grace',
  'minStay',
  'maxStay',
  'cooldown',
  'group',
  'include',
  'exclude',
  'shadow',
] as const;

/** Forms of a condition, and what stands in them. */
const OF_CONDITIONS = [
  ...['atLeastOf', 'daysActive', 'first', 'nth', 'nthLast', 'mostFrequent', 'share', 'ratio'],
  ...['change', 'trend', 'decayedSum', 'decayedAverage', 'timeSinceFirst', 'averageGap'],
  ...['sequence', 'followedBy', 'notFollowedBy', 'never', 'noneSince', 'percentile', 'cut'],
  ...['tier', 'tierAtLeast', 'movedUp', 'movedDown', 'bucket', 'score', 'openCases'],
  ...['repeatContact', 'slaBreached', 'preferredChannel', 'rfm', 'account', 'hour', 'weekday'],
] as const;

/** Tests of fields, traits and segments. */
const OF_TESTS = [
  ...['between', 'contains', 'startsWith', 'endsWith', 'hasAny', 'hasAll', 'hasNone', 'size'],
  ...['changedWithin', 'hasBeenFor', 'olderThan', 'withinNext', 'withinLast', 'anniversary'],
  ...['for', 'enteredWithin', 'leftWithin'],
] as const;

/** What narrows or shapes a measure. */
const OF_MEASURES = ['sameKey', 'offset', 'since', 'calendar', 'zone', 'from', 'until', 'halfLife', 'maxAge'] as const;

const NAMES: ReadonlySet<string> = new Set([...OF_SEGMENTS, ...OF_CONDITIONS, ...OF_TESTS, ...OF_MEASURES]);

export function isNotYet(name: string): boolean {
  return NAMES.has(name);
}

export function notYet(name: string): string {
  return `"${name}" is not in the language yet`;
}

/** In which integers a measure is compared, and how its numbers are to be read. */
import type { Measure } from './ast.ts';
import { formOfField, type NumberForm } from './numbers-in-words.ts';

/** Integers per unit of what a test of this measure is written in. */
export function measureScale(measure: Measure): 1 | 1000 {
  switch (measure.kind) {
    case 'count':
    case 'countDistinct':
    case 'countDistinctLast':
    case 'daysActive':
    case 'timeSinceLast':
    case 'timeSinceFirst':
    case 'averageGap':
    case 'sequence':
    case 'notFollowedBy':
    case 'openIssues':
    case 'reopenedIssues':
    case 'failedFirstContacts':
      return 1;
    case 'largestPerKey':
      return measure.per.kind === 'sum' ? measure.per.of.scale : 1;
    case 'average':
    case 'averageLast':
    case 'trendLast':
    case 'decayedAverage':
    case 'ratio':
      return 1000;
    case 'decayedSum':
      return measure.of?.scale ?? 1;
    case 'sum':
    case 'min':
    case 'max':
    case 'first':
    case 'last':
    case 'nthLast':
    case 'sumLast':
    case 'minLast':
    case 'maxLast':
      return measure.of.scale;
  }
}

/** Compared with a duration. */
export function isDuration(measure: Measure): boolean {
  return measure.kind === 'timeSinceLast' || measure.kind === 'timeSinceFirst' || measure.kind === 'averageGap';
}

/** The field whose numbers a measure gives, if it gives those of a field. */
export function fieldOf(measure: Measure): string | null {
  if ('of' in measure) return measure.of?.field ?? null;
  return measure.kind === 'largestPerKey' && measure.per.kind === 'sum' ? measure.per.of.field : null;
}

export function formOfMeasure(measure: Measure): NumberForm {
  if (isDuration(measure)) return 'duration';
  const field = fieldOf(measure);
  return field === null ? 'plain' : formOfField(field);
}

/** Whether a measure grows with time while nothing happens. */
export function isAge(measure: Measure): boolean {
  return measure.kind === 'timeSinceLast' || measure.kind === 'timeSinceFirst';
}

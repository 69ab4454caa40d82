/** Every measure of the language as a quantity. `place`: of its first series among those of the leaf (`needsOf`). */
import type { Measure } from '../language/ast.ts';
import { needsOfMeasure } from '../language/series-identity.ts';
import { averageGap } from './average-gap.ts';
import { daysActive } from './days-active.ts';
import { decayed } from './decayed.ts';
import { countDistinct, countDistinctLast } from './distinct.ts';
import { inTiles } from './in-tiles.ts';
import { failedFirstContacts } from './first-contacts.ts';
import { openIssues, reopenedIssues } from './issues.ts';
import { largestPerKey } from './largest-per-key.ts';
import { firstEver, nthLast, ofNewest, trendLast } from './newest.ts';
import type { Quantity } from './quantity.ts';
import { ratio } from './ratio.ts';
import { notFollowedBy, sequence } from './sequence.ts';
import { timeSinceFirst, timeSinceLast } from './time-since.ts';

/** `alone`: compared with a constant, so that what only falls may be bisected. */
export function quantityOf(measure: Measure, place: number, alone: boolean): Quantity {
  switch (measure.kind) {
    case 'count':
    case 'sum':
    case 'average':
    case 'min':
    case 'max':
      return inTiles(measure, place);
    case 'countDistinct':
      return countDistinct(measure, place);
    case 'daysActive':
      return daysActive(measure, place);
    case 'largestPerKey':
      return largestPerKey(measure, place);
    case 'last':
    case 'nthLast':
      return nthLast(measure, place);
    case 'first':
      return firstEver(measure, place);
    case 'averageLast':
    case 'sumLast':
    case 'minLast':
    case 'maxLast':
      return ofNewest(measure, place);
    case 'countDistinctLast':
      return countDistinctLast(measure, place);
    case 'trendLast':
      return trendLast(measure, place);
    case 'timeSinceLast':
      return timeSinceLast(place);
    case 'timeSinceFirst':
      return timeSinceFirst(place);
    case 'averageGap':
      return averageGap(measure, place);
    case 'decayedSum':
    case 'decayedAverage':
      return decayed(measure, place, alone);
    case 'ratio': {
      const { top, bottom, enough } = measure;
      const below = place + needsOfMeasure(top).length;
      const beside = below + needsOfMeasure(bottom).length;
      return ratio(
        quantityOf(top, place, false),
        quantityOf(bottom, below, false),
        enough === null ? null : { quantity: quantityOf(enough.measure, beside, false), n: enough.n },
      );
    }
    case 'sequence':
      return sequence(measure, place);
    case 'notFollowedBy':
      return notFollowedBy(measure, place);
    case 'openIssues':
      return openIssues(measure, place);
    case 'reopenedIssues':
      return reopenedIssues(measure, place);
    case 'failedFirstContacts':
      return failedFirstContacts(measure, place);
  }
}

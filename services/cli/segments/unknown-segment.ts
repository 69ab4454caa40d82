import { nearestName } from '../../core/domain/language/mistakes.ts';
import { Fault } from '../../core/faults.ts';

export function unknownSegment(key: string, known: readonly string[]): Fault {
  const nearest = nearestName(key, known);
  const hint = nearest === undefined ? '' : `; did you mean ${nearest}?`;
  return new Fault('NOT_FOUND', `There is no live segment ${key}${hint}`, {
    facts: { segment: key },
    next:
      known.length === 0
        ? 'Publish some: `tributary segments apply DIR`.'
        : '`tributary segments list` shows what there is.',
  });
}

import { nearestName } from '../../core/domain/language/mistakes.ts';
import { Fault } from '../../core/faults.ts';

/** `files`: where it was looked for, if not among what is live. */
export function unknownSegment(key: string, known: readonly string[], files?: string): Fault {
  const nearest = nearestName(key, known);
  const hint = nearest === undefined ? '' : `; did you mean ${nearest}?`;
  if (files !== undefined)
    return new Fault('NOT_FOUND', `There is no definition ${key} in ${files}${hint}`, {
      facts: { segment: key },
      next: `They define ${known.length === 0 ? 'nothing' : known.join(', ')}.`,
    });
  return new Fault('NOT_FOUND', `There is no live segment ${key}${hint}`, {
    facts: { segment: key },
    next:
      known.length === 0
        ? 'Publish some: `tributary segments apply DIR`.'
        : '`tributary segments list` shows what there is.',
  });
}

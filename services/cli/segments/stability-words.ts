/** How sure and how long (E5), line by line. */
import type { Membership } from '../../core/domain/language/ast.ts';
import { durationInWords } from '../../core/domain/time/duration.ts';

export function stabilityLines({ stability, unknown, include, exclude, consent }: Membership): readonly string[] {
  const { confirmMs, graceMs, minStayMs, maxStayMs, cooldownMs } = stability;
  const lines = [
    confirmMs > 0 && `enters only after it was so for ${durationInWords(confirmMs)}`,
    graceMs > 0 && `leaves only after it was not so for ${durationInWords(graceMs)}`,
    minStayMs > 0 && `stays at least ${durationInWords(minStayMs)}`,
    maxStayMs !== null && `stays at most ${durationInWords(maxStayMs)}`,
    cooldownMs > 0 && `does not enter again within ${durationInWords(cooldownMs)} of leaving`,
    `where it is unknown: ${{ out: 'out', in: 'in', hold: 'as it last was' }[unknown]}`,
    include.length > 0 && `in by hand: ${include.map(({ customer }) => customer).join(', ')}`,
    exclude.length > 0 && `out by hand: ${exclude.map(({ customer }) => customer).join(', ')}`,
    consent !== null && `only with consent for ${consent}`,
  ];
  return lines.filter((line) => line !== false);
}

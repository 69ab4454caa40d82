/** What a definition costs, in lines for a person. */
import type { DefinitionReport } from '../../core/domain/language/report.ts';
import { counted, formatBytes } from '../text.ts';

export function reportLines(report: DefinitionReport): readonly string[] {
  const { cost, stateBytes, timers, precision, series } = report;
  const own = series.map(({ words, bytes, sharedWith }) => {
    const shared = sharedWith.length === 0 ? '' : `, shared with ${sharedWith.join(', ')}`;
    return `  ${words} (${formatBytes(bytes.typical)}, at most ${formatBytes(bytes.bound)}${shared})`;
  });
  return [
    `cost: ${cost}; ${formatBytes(stateBytes.typical)} of state for a typical customer, at most ${formatBytes(stateBytes.bound)}`,
    timers === 0
      ? 'changes only by events, never by time alone'
      : `waits for ${counted(timers, 'instant')} at once, at most`,
    `precision: ${precision.join('; ')}`,
    `touched by: ${touchedInWords(report)}`,
    series.length === 0 ? 'keeps nothing of events' : 'rests on',
    ...own,
  ];
}

export function touchedInWords({ touchedBy }: DefinitionReport): string {
  if (touchedBy.length === 0) return 'no event of its own';
  return touchedBy.map(({ input, kinds }) => (kinds === null ? input : `${input} ${kinds.join(', ')}`)).join('; ');
}

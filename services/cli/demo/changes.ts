/** Changes as a person reads them: who, in or out of what, when, and why. */
import type { Change } from '../../core/domain/events/change.ts';
import type { Paint } from '../output.ts';
import { cut, pad } from '../text.ts';

/** Newest changes first to go: keeps the last few of each segment, so that a busy segment does not push out all others. */
export class Liveliest {
  readonly #perSegment: number;
  readonly #kept = new Map<string, Change[]>();
  count = 0;

  constructor(perSegment: number) {
    this.#perSegment = perSegment;
  }

  add(change: Change): void {
    this.count += 1;
    const kept = this.#kept.get(change.segment) ?? [];
    kept.push(change);
    if (kept.length > this.#perSegment) kept.shift();
    this.#kept.set(change.segment, kept);
  }

  /** The last ones, in time order. */
  newest(count: number): readonly Change[] {
    const all = [...this.#kept.values()].flat().sort((a, b) => a.effectiveAt - b.effectiveAt || a.seq - b.seq);
    return all.slice(-count);
  }
}

export function changeLine(change: Change, names: ReadonlyMap<string, string>, paint: Paint, width: number): string {
  const when = new Date(change.effectiveAt).toISOString().slice(0, 16).replace('T', ' ');
  const arrow = change.kind === 'exited' ? paint.red('← out') : paint.green('→ in ');
  const name = names.get(change.segment) ?? change.segment;
  const cause = change.cause === 'timer' ? 'by time alone: ' : '';
  const room = Math.max(20, Math.min(width, 160) - 16 - 2 - 8 - 2 - 5 - 1 - 24 - 2);
  return `${paint.dim(when)}  ${pad(change.customerId, 8, 'left')}  ${arrow} ${paint.bold(pad(cut(name, 24), 24, 'left'))}  ${cut(cause + change.reason, room)}`;
}

/**
 * Local time of a zone to instants. A local time that happens twice (clocks set back) is the first of the two; one that
 * never happens (clocks set forward) moves forward by the gap: the same choice java.time and Temporal make.
 */
import { DAY_MS, MINUTE_MS } from '../../core/domain/time/duration.ts';

/** Zones change their offset at whole quarters of an hour. */
const STEP_MS = 15 * MINUTE_MS;

export class Zone {
  readonly #format: Intl.DateTimeFormat;
  /** Offset by day where it is the same at both ends, else NaN: look at the quarter of the hour. */
  readonly #byDay = new Map<number, number>();
  readonly #byStep = new Map<number, number>();

  /** Throws RangeError for a name the IANA table does not have. */
  constructor(name: string) {
    this.#format = new Intl.DateTimeFormat('en-US', {
      timeZone: name,
      hourCycle: 'h23',
      ...{ year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric', second: 'numeric' },
    });
  }

  /** `local`: the wall clock's reading, as if it were UTC, ms. */
  toInstant(local: number): number {
    // Offsets lie within a day, so the offset before the local time's surroundings and behind them are both known here.
    const before = this.#offsetAt(local - DAY_MS);
    const after = this.#offsetAt(local + DAY_MS);
    const early = local - Math.max(before, after);
    if (this.#offsetAt(early) === Math.max(before, after)) return early;
    const late = local - Math.min(before, after);
    if (this.#offsetAt(late) === Math.min(before, after)) return late;
    // In the gap: read with the offset that held before it, which lands behind the gap.
    return local - before;
  }

  /** Local time less UTC, ms. */
  #offsetAt(instant: number): number {
    const day = Math.floor(instant / DAY_MS);
    let offset = this.#byDay.get(day);
    if (offset === undefined) {
      const start = this.#computeOffset(day * DAY_MS);
      offset = start === this.#computeOffset((day + 1) * DAY_MS) ? start : NaN;
      this.#byDay.set(day, offset);
    }
    if (!Number.isNaN(offset)) return offset;
    const step = Math.floor(instant / STEP_MS);
    let exact = this.#byStep.get(step);
    if (exact === undefined) this.#byStep.set(step, (exact = this.#computeOffset(step * STEP_MS)));
    return exact;
  }

  #computeOffset(instant: number): number {
    const part: Record<string, number> = {};
    for (const { type, value } of this.#format.formatToParts(instant)) part[type] = Number(value);
    const { year, month, day, hour, minute, second } = part;
    return Date.UTC(year!, month! - 1, day, hour, minute, second) - Math.floor(instant / 1000) * 1000;
  }
}

/**
 * Poison (C4): what made the processor throw is tried again alone, in a commit of its own; the third failure alone
 * condemns it. Kept outside of the work it judges, because that is thrown away with each failure.
 */
import { Fault } from '../faults.ts';
import type { RawRecord } from './processor.ts';

/** Failures alone that condemn. */
const FAILURES_MAX = 3;

export type Suspect =
  | { readonly kind: 'record'; readonly record: RawRecord }
  | { readonly kind: 'timer'; readonly key: string; readonly due: number };

/** Thrown by a turn when the processor threw over a record or a timer. */
export class WorkFailed extends Error {
  override readonly name = 'WorkFailed';
  readonly suspect: Suspect;
  /** Nothing else was in the commit. */
  readonly alone: boolean;

  constructor(suspect: Suspect, alone: boolean, cause: unknown) {
    super('The processor threw', { cause });
    this.suspect = suspect;
    this.alone = alone;
  }
}

interface Standing {
  failures: number;
  fault: Fault;
}

export class Suspects {
  readonly #standings = new Map<string, Standing>();
  /** Condemned timers: key to due. Not fired until the key's timer moves. */
  readonly #parked = new Map<string, number>();

  /** True as long as nothing is suspected: the way of nearly every record. */
  get none(): boolean {
    return this.#standings.size === 0;
  }

  failed(failure: WorkFailed): void {
    const id = idOf(failure.suspect);
    const failures = (this.#standings.get(id)?.failures ?? 0) + (failure.alone ? 1 : 0);
    this.#standings.set(id, { failures, fault: faultOf(failure) });
  }

  suspected(suspect: Suspect): boolean {
    return this.#standings.has(idOf(suspect));
  }

  /** The fault it is condemned for, or undefined if it may be tried. */
  condemned(suspect: Suspect): Fault | undefined {
    const standing = this.#standings.get(idOf(suspect));
    return standing !== undefined && standing.failures >= FAILURES_MAX ? standing.fault : undefined;
  }

  /** It is out of the way: it went well, or its sentence is carried out and committed. */
  settled(suspect: Suspect): void {
    this.#standings.delete(idOf(suspect));
  }

  park(key: string, due: number): void {
    this.#parked.set(key, due);
  }

  parked(key: string, due: number): boolean {
    if (this.#parked.size === 0) return false;
    const parkedDue = this.#parked.get(key);
    if (parkedDue === due) return true;
    if (parkedDue !== undefined) this.#parked.delete(key);
    return false;
  }
}

function idOf(suspect: Suspect): string {
  return suspect.kind === 'record'
    ? `record ${suspect.record.input} ${suspect.record.offset}`
    : `timer ${suspect.due} ${suspect.key}`;
}

function faultOf(failure: WorkFailed): Fault {
  const { cause, suspect } = failure;
  if (cause instanceof Fault && cause.action === 'dead-letter') return cause;
  const facts =
    suspect.kind === 'record'
      ? { topic: suspect.record.topic, partition: suspect.record.partition, offset: suspect.record.offset }
      : { key: suspect.key, due: suspect.due };
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new Fault('PROCESSING_FAILED', `The ${suspect.kind} could not be processed: ${reason}`, { facts, cause });
}

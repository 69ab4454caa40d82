/**
 * What the segmenter reads and writes, as bytes. The registry is the one implementation of the product; a benchmark that
 * speaks another format brings its own.
 */
import type { Change, Membership } from '../core/domain/events/change.ts';
import type { FactPrefix, InputEvent } from '../core/domain/events/fact.ts';
import type { Input } from '../core/domain/events/header.ts';
import type { Toggle } from '../core/domain/evaluation/evaluate.ts';
import type { Explanation } from '../core/domain/evaluation/explain.ts';

/** A change without its explanation: that is made only for a wire that tells it. */
export type BareChange = Omit<Change, 'conditions' | 'reason'>;

export interface Wire {
  /** Throws a Fault that says why the value cannot be read. */
  decodeEvent(input: Input, value: Uint8Array | null): InputEvent;
  /** A fact in two parts: everything before the event, and the event as it came. Valid until the next call. */
  factPrefix(prefix: FactPrefix, event: InputEvent): Uint8Array;
  factEvent(input: Input, value: Uint8Array, event: InputEvent): Uint8Array | undefined;
  /** `toggles`: all changes of the evaluation, of which this is the one at `change.index`. */
  change(change: BareChange, explain: () => Explanation, toggles: readonly Toggle[]): Uint8Array;
  membership(membership: Membership): Uint8Array;
}

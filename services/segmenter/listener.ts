import type { FaultCode } from '../core/faults.ts';
import type { Input } from '../core/domain/events/header.ts';
import type { ChangeCause, ChangeKind } from '../core/domain/events/change.ts';

/** Why an input became no fact. */
export type Skipped =
  /** Same id seen within the window (C1). */
  | 'duplicate'
  /** Same id, other content: the first wins (C1). */
  | 'conflict'
  /** Imported history the feed already covers (C2). */
  | 'covered'
  /** A mark of an import, no event. */
  | 'mark';

/** What the segmenter counts. Calls may repeat when a commit is tried again; committed truth is in the topics. */
export interface SegmenterListener {
  applied(input: Input, flags: { readonly late: boolean; readonly tooLate: boolean; readonly history: boolean }): void;
  skipped(input: Input, why: Skipped): void;
  deadLetter(input: Input, code: FaultCode): void;
  /** Journaled, not yet acted on: identity links and erasures. */
  notActedOn(kind: 'identity' | 'erase'): void;
  /** `appendedAt`: append time of the causing record, null for timers and definitions. */
  changed(segment: string, kind: ChangeKind, cause: ChangeCause, appendedAt: number | null): void;
  /** Definitions cannot be read now: those in force go on, and the log is asked again. */
  definitionsUnread(error: unknown): void;
  /** The bound on remembered ids was reached for a customer (C1): an older repeat would count as new. */
  idsForgotten(): void;
}

const nothing = (): void => undefined;

export const silentSegmenterListener: SegmenterListener = {
  applied: nothing,
  skipped: nothing,
  deadLetter: nothing,
  notActedOn: nothing,
  changed: nothing,
  definitionsUnread: nothing,
  idsForgotten: nothing,
};

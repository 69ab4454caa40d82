/** The journal (J1): each applied input with what held just before it and what it changed. */
import type { Identity } from './identity.ts';
import type { Input } from './header.ts';
import type { Interaction } from './interaction.ts';
import type { Profile } from './profile.ts';
import type { Purchase } from './purchase.ts';
import type { Survey } from './survey.ts';

/** Everything in a fact before its event. Instants in ms UTC; segments are numbers (D1), ascending. */
export interface FactPrefix {
  /** Root: the id the person's state lives under. */
  readonly customerId: string;
  /** The id the event came with. */
  readonly sourceId: string;
  /** (life, seq) before this event (S5). */
  readonly life: number;
  readonly seq: number;
  /** Of the event (T1). */
  readonly instant: number;
  /** The customer's own now at application (T2). */
  readonly asOf: number;
  /** Task clock at application (T6). */
  readonly decidedAt: number;
  /** Definitions in force; -1 = none. */
  readonly rulesOffset: number;
  /** Held just before the event (J4). */
  readonly segments: readonly number[];
  readonly entered: readonly number[];
  readonly exited: readonly number[];
  readonly late: boolean;
  /** Beyond the lateness limit and not folded (T5). */
  readonly tooLate: boolean;
  /** Imported history (C2). */
  readonly history: boolean;
  readonly input: Input;
  /** Of the input record; its partition is the fact's own. */
  readonly offset: number;
  readonly appendedAt: number;
}

interface FactOf<I extends Input, E> extends FactPrefix {
  readonly input: I;
  readonly event: E;
}

export type Fact =
  | FactOf<'interactions', Interaction>
  | FactOf<'purchases', Purchase>
  | FactOf<'surveys', Survey>
  | FactOf<'profiles', Profile>
  | FactOf<'identities', Identity>;

export type InputEvent = Fact['event'];

/**
 * The moments of a transaction between which a process may die. Tests hook them to throw, to stop or to kill; the
 * hook is awaited, so a producer can be left standing there while another takes over.
 */
export type CommitStep =
  /** Before a batch is added to the transaction. */
  | 'append'
  /** After it was. */
  | 'appended'
  /** Before positions are added. */
  | 'send-offsets'
  /** After they were. */
  | 'offsets-sent'
  /** Before the decision to commit. */
  | 'commit'
  /** The transaction is durable and visible, its producer has not been told. */
  | 'committed';

export type OnStep = (step: CommitStep) => void | Promise<void>;

/** Runs `run` once after `ms` unless the returned function is called before. Tests pass their virtual clock's. */
export type Schedule = (ms: number, run: () => void) => () => void;

export const realSchedule: Schedule = (ms, run) => {
  const timer = setTimeout(run, ms);
  return () => clearTimeout(timer);
};

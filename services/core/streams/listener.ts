/** What a task tells whoever watches it. Plain calls: metrics and log lines are made of them elsewhere. */
import type { Fault } from '../faults.ts';
import type { Stage } from './stages.ts';

export interface CommitFigures {
  readonly records: number;
  readonly firings: number;
  readonly touches: number;
  readonly keysChanged: number;
  readonly outputs: number;
  readonly bytes: number;
  /** From begin to durable, ms of the host. */
  readonly ms: number;
}

export interface RecordPlace {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
}

export interface TaskListener {
  stage(partition: number, stage: Stage): void;
  restored(partition: number, figures: { records: number; keys: number; ms: number }): void;
  committed(partition: number, figures: CommitFigures): void;
  /** The task starts again from fence after `backoffMs`. */
  restarted(partition: number, error: unknown, backoffMs: number): void;
  /** The work since the last commit was dropped because one record or timer failed; it is tried again. */
  rolledBack(partition: number, error: unknown): void;
  deadLettered(partition: number, place: RecordPlace, fault: Fault): void;
  /** A key's timer failed three times alone and rests until the key changes or the task starts again. */
  timerParked(partition: number, key: string, due: number, fault: Fault): void;
  /** The replay is over: from here on the task is live, for good. */
  wentLive(partition: number): void;
  /** Something a person should look at; the task goes on. */
  alarm(partition: number, sentence: string, facts: Readonly<Record<string, string | number>>): void;
}

/** What a task is like right now; asked for, never pushed. */
export interface TaskGauges {
  readonly stage: Stage;
  readonly mode: 'live' | 'replay';
  /** Records below the known ends that are not consumed. */
  readonly lagRecords: number;
  /** Task clock, ms UTC. */
  readonly clock: number;
  readonly timersPending: number;
  readonly keys: number;
  readonly restingBytes: number;
  /** Broadcast offset in force, and whether slices are still under way. */
  readonly broadcast: number;
  readonly slicing: boolean;
}

const nothing = (): void => undefined;

/** Hears nothing; spread it to listen to some calls only. */
export const silentListener: TaskListener = {
  stage: nothing,
  restored: nothing,
  committed: nothing,
  restarted: nothing,
  rolledBack: nothing,
  deadLettered: nothing,
  timerParked: nothing,
  wentLive: nothing,
  alarm: nothing,
};

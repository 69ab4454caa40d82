import { beforeEach, describe, expect, it } from 'vitest';
import type { DifferenceKind } from '../../services/core/oracle/differences.ts';
import { check } from './compare.ts';
import { historyOf } from './drawing.ts';
import type { History } from './histories.ts';
import { LiveRun } from './live-run.ts';

/** A history whose run has enough of everything to be damaged. */
function richHistory(): History {
  for (let seed = 1; ; seed++) {
    const history = historyOf(seed);
    const run = LiveRun.play(history);
    const exits = run.changes.filter(({ value }) => value.kind === 'exited');
    if (run.changes.length > 20 && exits.length > 5 && run.deadLetters.length > 0) return history;
  }
}

const history = richHistory();

describe('verify finds', () => {
  let run: LiveRun;
  beforeEach(() => {
    run = LiveRun.play(history);
  });

  async function kinds(): Promise<readonly DifferenceKind[]> {
    const { differences } = await check(run);
    return [...new Set(differences.map(({ kind }) => kind))];
  }

  /** Replaces a record by a changed copy. */
  function change<T>(records: { value: T }[], at: number, more: Partial<T>): void {
    const record = records[at]!;
    records[at] = { ...record, value: { ...record.value, ...more } };
  }

  it('nothing in a run that is whole', async () => {
    expect(await kinds()).toEqual([]);
  });

  it('a fact that is missing', async () => {
    const at = run.facts.findIndex(({ value }) => !value.tooLate);
    run.facts.splice(at, 1);
    expect(await kinds()).toContain('input-missing');
  });

  it('a fact that is there twice', async () => {
    run.facts.push({ ...run.facts.at(-1)!, offset: run.facts.length });
    expect(await kinds()).toContain('input-twice');
  });

  it('a fact of no input', async () => {
    const { input, offset } = run.facts[0]!.value;
    const gone = run.inputs[input].findIndex((record) => record.offset === offset);
    run.inputs[input].splice(gone, 1);
    // Positions are those of the log, not the number of its records.
    run.inputs[input].push({ offset: run.inputs[input].length + 1, timestamp: 0, event: undefined });
    expect(await kinds()).toContain('fact-without-input');
  });

  it('a fact with a wrong set before it', async () => {
    change(run.facts, run.facts.length - 1, { segments: [99] });
    expect(await kinds()).toEqual(['fact-stamp']);
  });

  it('a dead letter that is lost', async () => {
    run.deadLetters.splice(0, 1);
    expect(await kinds()).toEqual(['input-missing']);
  });

  it('a change that is missing', async () => {
    run.changes.splice(3, 1);
    expect(await kinds()).toContain('change-sequence');
  });

  it('a change that is told twice', async () => {
    run.changes.splice(3, 0, run.changes[3]!);
    expect(await kinds()).toEqual(expect.arrayContaining(['change-sequence', 'change-set']));
  });

  it('a change of another instant', async () => {
    const { effectiveAt } = run.changes[4]!.value;
    change(run.changes, 4, { effectiveAt: effectiveAt + 1 });
    expect(await kinds()).toContain('change-different');
  });

  it('a change with another cause', async () => {
    change(run.changes, 4, { cause: 'manual' });
    expect(await kinds()).toContain('change-different');
  });

  it('a last change that was never told', async () => {
    run.changes.pop();
    expect(await kinds()).toContain('change-missing');
  });

  it('changes that nothing caused', async () => {
    // The last of a customer who did not move within a group: entered and exited alternate for a segment.
    const last = run.changes.findLast(({ value }, at) => {
      const later = run.changes.slice(at + 1).some((other) => other.value.customerId === value.customerId);
      return value.kind !== 'moved' && !later;
    })!.value;
    const kind = last.kind === 'entered' ? 'exited' : 'entered';
    const seq = last.seq + 1;
    const segments =
      kind === 'entered' ? [...last.segments, last.number] : last.segments.filter((n) => n !== last.number);
    const value = {
      ...last,
      seq,
      kind,
      index: 0,
      of: 1,
      segments: segments.sort((a, b) => a - b),
      idempotencyKey: `${last.customerId}|1|${seq}`,
    } as const;
    run.changes.push({ offset: run.changes.length, value });
    expect(await kinds()).toEqual(['change-unexpected']);
  });

  it('a membership that is not the fold of the changes', async () => {
    const { customerId } = run.changes.at(-1)!.value;
    const at = run.memberships.findLastIndex(({ value }) => value.customerId === customerId);
    const membership = run.memberships[at]!.value.membership!;
    change(run.memberships, at, { membership: { ...membership, segments: [], seq: membership.seq - 1 } });
    expect(await kinds()).toEqual(['membership']);
  });
});

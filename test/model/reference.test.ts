import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { InputEvent } from '../../services/core/domain/events/fact.ts';
import { journal, ruleSets } from '../core/oracle/journal.ts';
import { referenceEvents, referenceSegments } from './reference-job.ts';

const HOUR = 3_600_000;

/** What the reference peer says of `events.csv.gz` (its `oracle.py --sample 0`; written by `generate.py --customers 80 --events 2400 --days 60 --seed 3`). */
const TRANSITIONS = 4050;
const DIGEST = '286cd82be31e8cdde8e4f628aace8bcbde4487d259f00f864e53860082a3f4e6';

const at = (name: string): string => new URL(`reference/${name}`, import.meta.url).pathname;

describe('the oracle against the reference peer of the benchmark', () => {
  it('tells the same transitions of 80 customers in 40 segments', () => {
    const events = referenceEvents(at('events.csv.gz'));
    const sets = ruleSets([{ at: 0, segments: referenceSegments(at('segments.json')) }]);
    const cut = events.at(-1)!.occurredAt - HOUR;
    const byCustomer = new Map<string, InputEvent[]>();
    for (const event of events) {
      if (event.occurredAt > cut) continue;
      const known = byCustomer.get(event.customerId);
      if (known === undefined) byCustomer.set(event.customerId, [event]);
      else known.push(event);
    }
    const lines: string[] = [];
    for (const [customer, own] of byCustomer) {
      const told = journal(sets, sets.at(-1)!.offset);
      for (const event of own) told.apply(event);
      told.settle(cut);
      for (const { number, kind, effectiveAt } of told.transitions)
        lines.push(`${customer}|${number}|${kind}|${effectiveAt}\n`);
    }
    // Sorted by bytes, as the reference does.
    lines.sort((a, b) => (a < b ? -1 : 1));
    expect(lines).toHaveLength(TRANSITIONS);
    expect(createHash('sha256').update(lines.join('')).digest('hex')).toBe(DIGEST);
  });
});

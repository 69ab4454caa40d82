import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { contentHash } from '../../../../services/core/domain/events/event-content.ts';
import { hash32 } from '../../../../services/core/domain/events/event-id.ts';
import type { Interaction } from '../../../../services/core/domain/events/interaction.ts';
import { localRegistry } from '../../../../services/platform/registry/registry.ts';
import { interaction } from '../../oracle/events.ts';

const registry = localRegistry();
const AT = Date.UTC(2026, 5, 1);

function hashOf(event: Interaction): number {
  return contentHash(registry.encode('interaction', event), event);
}

function contact(more: Partial<Interaction> = {}): Interaction {
  return interaction({ eventId: 'same', occurredAt: AT, receivedAt: AT + 5, ...more });
}

describe('the content of an event (C1)', () => {
  it('is the same when it arrives again, from a source or from an importer', () => {
    expect(hashOf(contact({ receivedAt: AT + 86_400_000 }))).toBe(hashOf(contact()));
    expect(hashOf(contact({ importId: 'a1b2c3' }))).toBe(hashOf(contact()));
  });

  it('is another one when the source says something else', () => {
    const others = [{ channel: 'email' }, { occurredAt: AT + 1 }, { source: 'other' }, { durationMs: 1 }] as const;
    const hashes = others.map((more) => hashOf(contact(more)));
    expect(new Set([...hashes, hashOf(contact())]).size).toBe(others.length + 1);
  });

  it('has no instant where the source said none and ingest filled it in', () => {
    const first = contact({ occurredAt: AT, receivedAt: AT });
    expect(hashOf(contact({ occurredAt: AT + 60_000, receivedAt: AT + 60_000 }))).toBe(hashOf(first));
    expect(hashOf(contact({ occurredAt: AT, receivedAt: AT + 1 }))).not.toBe(hashOf(first));
  });

  it('is all of a record whose stamps are not where our schemas put them', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        expect(contentHash(bytes, contact())).toBe(hash32(bytes));
      }),
    );
  });

  it('does not depend on the stamps for any ids and instants', () => {
    const instant = fc.integer({ min: -(2 ** 45), max: 2 ** 45 });
    fc.assert(
      fc.property(fc.string(), fc.string(), instant, instant, instant, (eventId, source, at, first, again) => {
        fc.pre(first !== at && again !== at);
        const event = contact({ eventId, source, occurredAt: at });
        expect(hashOf({ ...event, receivedAt: first })).toBe(hashOf({ ...event, receivedAt: again, importId: source }));
      }),
    );
  });
});

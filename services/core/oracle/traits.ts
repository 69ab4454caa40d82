/** What is known of a customer: the last writer of each trait by instant, ties by the hash of the event id (T7). */
import { hash64 } from '../domain/events/event-id.ts';
import type { Fact } from '../domain/events/fact.ts';

type ProfileFact = Extract<Fact, { input: 'profiles' }>;

interface Written {
  readonly value: unknown;
  readonly instant: number;
  readonly hash: { readonly hi: number; readonly lo: number };
}

export class Traits {
  private readonly written = new Map<string, Written>();

  fold(fact: ProfileFact): void {
    const { event } = fact;
    for (const [name, value] of Object.entries(event.traits)) this.write(name, value, fact);
    for (const [name, value] of Object.entries(event.accountTraits)) this.write(`account.${name}`, value, fact);
    // Said last, so that a name that is both written and unset is unset.
    for (const name of event.unset) this.write(name, null, fact);
  }

  get(name: string): unknown {
    return this.written.get(name)?.value;
  }

  private write(name: string, value: unknown, fact: ProfileFact): void {
    const entry: Written = { value, instant: fact.instant, hash: hash64(fact.event.eventId) };
    const earlier = this.written.get(name);
    if (earlier === undefined || !isOlder(entry, earlier)) this.written.set(name, entry);
  }
}

function isOlder(a: Written, b: Written): boolean {
  if (a.instant !== b.instant) return a.instant < b.instant;
  if (a.hash.hi !== b.hash.hi) return a.hash.hi < b.hash.hi;
  return a.hash.lo < b.hash.lo;
}

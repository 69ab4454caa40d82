/**
 * What is known of a customer: the last writer of each trait, score and consent by instant, ties by the hash of the event id
 * (T7).
 */
import { hash64, type Hash64 } from '../domain/events/event-id.ts';
import type { Fact } from '../domain/events/fact.ts';
import type { Score } from '../domain/events/profile.ts';

type ProfileFact = Extract<Fact, { input: 'profiles' }>;

interface Stamp {
  readonly instant: number;
  readonly hash: Hash64;
}

interface Written<T> extends Stamp {
  readonly value: T;
}

export class Traits {
  /** Rises with each profile event. */
  version = 0;
  private readonly written = new Map<string, Written<unknown>>();
  private readonly scores = new Map<string, Written<Score>>();
  private readonly consents = new Map<string, Written<boolean>>();

  fold(fact: ProfileFact): void {
    const { event } = fact;
    this.version += 1;
    for (const [name, value] of valuesOf(fact)) write(this.written, name, value, fact);
    for (const score of event.scores) write(this.scores, score.model, score, fact);
    for (const { purpose, granted } of event.consents) write(this.consents, purpose, granted, fact);
  }

  /** Undefined or null while it is not known. */
  get(name: string): unknown {
    return this.written.get(name)?.value;
  }

  score(model: string): Score | undefined {
    return this.scores.get(model)?.value;
  }

  /** Undefined while nothing was ever said of it. */
  consent(purpose: string): boolean | undefined {
    return this.consents.get(purpose)?.value;
  }
}

/** What a profile event writes, by name; what is unset is null, and wins over a value in the same event. */
function valuesOf({ event }: ProfileFact): ReadonlyMap<string, unknown> {
  return new Map<string, unknown>([
    ...Object.entries(event.traits),
    ...Object.entries(event.accountTraits).map(([name, value]): [string, unknown] => [`account.${name}`, value]),
    ...event.unset.map((name): [string, unknown] => [name, null]),
  ]);
}

/** What a fact writes to a trait: nothing, or one value; null when it unsets it. */
export function writesOf(fact: Fact, trait: string): readonly unknown[] {
  if (fact.input !== 'profiles') return [];
  const values = valuesOf(fact);
  return values.has(trait) ? [values.get(trait) ?? null] : [];
}

function write<T>(written: Map<string, Written<T>>, name: string, value: T, fact: ProfileFact): void {
  const entry = { value, instant: fact.instant, hash: hash64(fact.event.eventId) };
  const earlier = written.get(name);
  if (earlier === undefined || !isOlder(entry, earlier)) written.set(name, entry);
}

export function isOlder(a: Stamp, b: Stamp): boolean {
  if (a.instant !== b.instant) return a.instant < b.instant;
  if (a.hash.hi !== b.hash.hi) return a.hash.hi < b.hash.hi;
  return a.hash.lo < b.hash.lo;
}

/** Since when the feed of an input is whole, per kind; `*` is every kind without an entry of its own (E3). */
import type { EventName } from './ast.ts';

export type Coverage = ReadonlyMap<EventName, ReadonlyMap<string, number>>;

/** The coverage with what a record declares added to it; undefined when it declares nothing that can be read. */
export function parseCoverage(coverage: Coverage, body: unknown): Coverage | undefined {
  if (typeof body !== 'object' || body === null) return undefined;
  const { input, kinds, since } = body as { input?: unknown; kinds?: unknown; since?: unknown };
  const event = typeof input === 'string' && Object.hasOwn(EVENT_OF_INPUT, input) ? EVENT_OF_INPUT[input] : undefined;
  const from = since === 'always' ? -Infinity : typeof since === 'number' && Number.isFinite(since) ? since : undefined;
  const names =
    kinds === '*' ? ['*'] : Array.isArray(kinds) && kinds.every((kind) => typeof kind === 'string') ? kinds : undefined;
  if (from === undefined || names === undefined) return undefined;
  // Profiles and identities carry no counted events: their coverage is accepted and has no effect on rules yet.
  if (event === undefined) return input === 'profiles' || input === 'identities' ? coverage : undefined;
  const next = new Map(coverage);
  next.set(event, extended(coverage.get(event) ?? new Map<string, number>(), names, from));
  return next;
}

/** Coverage only grows: what is declared adds to what was known, and a kind without an entry had that of every kind. */
function extended(known: ReadonlyMap<string, number>, names: readonly string[], from: number): Map<string, number> {
  const every = known.get('*') ?? Infinity;
  const byKind = new Map(known);
  for (const name of names) byKind.set(name, Math.min(from, known.get(name) ?? every));
  if (names.includes('*')) for (const [name, since] of byKind) byKind.set(name, Math.min(since, from));
  return byKind;
}

const EVENT_OF_INPUT: Readonly<Record<string, EventName>> = {
  interactions: 'interaction',
  purchases: 'purchase',
  surveys: 'survey',
};

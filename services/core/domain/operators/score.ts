/** A model's score: known from when it was told until it expires or grows too old. */
import type { View } from './operator.ts';
import type { Quantity } from './quantity.ts';

/** Of a score or trait: × 1000, rounded half up. */
export function thousandths(value: number): number {
  return Math.floor(value * 1000 + 0.5);
}

/** Scores are kept beside the traits, with the instants that bound them. `maxAgeMs` null = however old. */
export function scoreQuantity(model: string, maxAgeMs: number | null): Quantity {
  const name = `score:${model}`;
  const instant = (view: View, of: 'computedAt' | 'expiresAt'): number | null => {
    const value = view.trait(`${name}:${of}`);
    return typeof value === 'number' ? value : null;
  };
  /** From this instant on it is not known any more. */
  const knownUntil = (view: View): number => {
    const expiresAt = instant(view, 'expiresAt') ?? Infinity;
    if (maxAgeMs === null) return expiresAt;
    // Without saying when it was computed no score is young enough.
    const computedAt = instant(view, 'computedAt') ?? -Infinity;
    return Math.min(expiresAt, computedAt + maxAgeMs + 1);
  };
  return {
    perUnit: 1000,
    read(view, at, out) {
      const value = view.trait(name);
      if (typeof value === 'number' && Number.isFinite(value) && at < knownUntil(view)) out.exactly(thousandths(value));
      else out.none();
    },
    nextEdge(view, after) {
      const until = knownUntil(view);
      return until > after ? until : Infinity;
    },
  };
}

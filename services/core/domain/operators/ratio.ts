/** ratio, share and change: one measure ÷ another, as exact as both are. */
import type { Quantity } from './quantity.ts';
import { Reading, times } from './reading.ts';

/** No value unless both are exactly known, the bottom is positive, and `enough` is exactly known to be at least its `n`. */
export function ratio(
  top: Quantity,
  bottom: Quantity,
  enough: { readonly quantity: Quantity; readonly n: number } | null,
): Quantity {
  const above = new Reading();
  const below = new Reading();
  const counted = new Reading();
  return {
    perUnit: 1000,
    prepare(customer) {
      top.prepare?.(customer);
      bottom.prepare?.(customer);
      enough?.quantity.prepare?.(customer);
    },
    read(customer, at, out) {
      out.none();
      if (enough !== null) {
        enough.quantity.read(customer, at, counted);
        if (!counted.exact || counted.low < times(counted.den, enough.n)) return;
      }
      top.read(customer, at, above);
      bottom.read(customer, at, below);
      if (!above.exact || !below.exact || below.low <= 0) return;
      above.scale(1, top.perUnit);
      below.scale(1, bottom.perUnit);
      out.exactly(times(times(above.low, below.den), 1000), times(above.den, below.low));
      out.grows = above.grows || below.grows;
    },
    nextEdge(customer, after) {
      const others = enough === null ? Infinity : enough.quantity.nextEdge(customer, after);
      return Math.min(top.nextEdge(customer, after), bottom.nextEdge(customer, after), others);
    },
  };
}

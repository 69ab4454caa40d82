/** How a trait became what it is: over the remembered writes to it, each a value as JSON text, null where it was unset. */
import type { Scalar, Truth } from '../domain/language/ast.ts';
import { wholeFrom, type Feed } from './sight.ts';
import type { Seen } from './trail.ts';

const UNSET = 'null';

/** Whether one value became another in (at − ms, at]; the first value ever known is no change, nor is unsetting. */
export function hasChanged(feed: Feed, ms: number, at: number): Truth {
  const from = wholeFrom(feed);
  const writes = feed.trail.between(-Infinity, at);
  let truth: Truth = from <= at - ms ? 'false' : 'unknown';
  for (const [place, write] of writes.entries()) {
    if (write.instant <= at - ms || write.text === UNSET) continue;
    const before = writes.slice(0, place).findLast(({ text }) => text !== UNSET);
    // What came before is certain only where nothing in between can be missing.
    const isCertain = from === -Infinity || (before !== undefined && before.instant >= from);
    if (!isCertain) truth = 'unknown';
    else if (before !== undefined && before.text !== write.text) return 'true';
  }
  return truth;
}

/** Whether the trait is one of the values, and has been one of them since at − ms or before. */
export function hasHeld(feed: Feed, value: unknown, values: readonly Scalar[], ms: number, at: number): Truth {
  if (value === null || value === undefined) return 'unknown';
  if (!values.includes(value as Scalar)) return 'false';
  const wanted = new Set(values.map((one) => JSON.stringify(one)));
  const from = wholeFrom(feed);
  const writes = feed.trail.between(from - 1, at);
  const other = writes.findLastIndex(({ text }) => !wanted.has(text!));
  const run: readonly Seen[] = writes.slice(other + 1);
  // Without a write since the memory begins the value was there when it began.
  const certainSince = run[0]?.instant ?? from;
  if (certainSince <= at - ms) return 'true';
  // It was something else before, or nothing at all: then it holds exactly since then. Else it may have held for longer.
  return other >= 0 || from === -Infinity ? 'false' : 'unknown';
}

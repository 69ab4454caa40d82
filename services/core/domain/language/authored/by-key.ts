/**
 * A union whose forms each have a key of their own is read by that key: only the form that was meant is looked at, which is many
 * times faster than trying all of them, and its mistakes are told as they are. As a schema it stays the union it is.
 */
import type { z } from 'zod';

/** `names[i]` is the key of the i-th form. Changes the union that is given. */
export function readByKey(union: z.ZodType, forms: readonly z.ZodType[], names: readonly string[]): z.ZodType {
  const places = new Map(names.map((name, place) => [name, place]));
  const tryAll = union._zod.run.bind(union._zod);
  union._zod.run = (payload, context) => {
    const place = placeOf(payload.value, places);
    return place === undefined ? tryAll(payload, context) : forms[place]!._zod.run(payload, context);
  };
  return union;
}

/** Undefined where no form is named, or several are. */
function placeOf(value: unknown, places: ReadonlyMap<string, number>): number | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const found = Object.keys(value).flatMap((name) => places.get(name) ?? []);
  return found.length === 1 ? found[0] : undefined;
}

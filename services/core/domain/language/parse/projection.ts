/** The number a measure takes from its events. */
import type { EventFilter, Projection } from '../ast.ts';
import type { Parsing, Path } from './parsing.ts';
import { fieldSpecs, isNumeric } from './specs.ts';
export function projection(p: Parsing, filter: EventFilter, field: string, path: Path): Projection {
  const specs = fieldSpecs(p, filter.events, field, path);
  if (specs.some((spec) => !isNumeric(spec))) p.mistake(path, `${field} is no number`);
  return { field, scale: specs.some((spec) => spec.type === 'decimal' || spec.type === 'any') ? 1000 : 1 };
}

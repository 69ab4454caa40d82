import { z } from 'zod';

/** What a person needs to know of an option beyond its type. */
export interface OptionFacts {
  /** What the number counts; null for words. */
  readonly unit:
    'ms' | 'bytes' | 'records' | 'rows' | 'customers' | 'partitions' | 'replicas' | 'threads' | 'ids' | 'port' | null;
  /** null = unset. */
  readonly default: string | number | boolean | null;
  /** What is accepted, for people. */
  readonly range: string;
  readonly description: string;
  /** Never printed; may also be given as a file that holds it (`…File`, `…_FILE`). */
  readonly secret: boolean;
  /** A relative path counts from the file that says it, or from the working directory. */
  readonly path: boolean;
}

/** Every leaf of the configuration has its facts here; a schema without facts is a section. */
export const optionFacts = z.registry<OptionFacts>();

const WORDS = { unit: null, secret: false, path: false } as const;

function declare<S extends z.ZodType>(schema: S, facts: OptionFacts): S {
  optionFacts.add(schema, facts);
  return schema;
}

/** A whole number of a unit between two bounds, both included. */
export function whole(
  unit: Exclude<OptionFacts['unit'], null>,
  standard: number,
  [min, max]: readonly [number, number],
  description: string,
) {
  const range = `${min} to ${max}`;
  return declare(z.int().min(min).max(max), { ...WORDS, unit, default: standard, range, description });
}

/** As `whole`, or null = what the description says. */
export function optionalWhole(
  unit: Exclude<OptionFacts['unit'], null>,
  [min, max]: readonly [number, number],
  description: string,
) {
  const range = `${min} to ${max}`;
  return declare(z.int().min(min).max(max).nullable(), { ...WORDS, unit, default: null, range, description });
}

/** How long something is kept: at least a minute, or null = without limit. */
export function retention(standard: number | null, description: string) {
  const facts = { ...WORDS, unit: 'ms', default: standard, range: '60000 or more, null = without limit' } as const;
  return declare(z.int().min(60_000).nullable(), { ...facts, description });
}

export function choice<const T extends readonly [string, ...string[]]>(
  values: T,
  standard: T[number],
  description: string,
) {
  return declare(z.enum(values), { ...WORDS, default: standard, range: `one of ${values.join(', ')}`, description });
}

/** Words that must match a pattern; `range` says the pattern in words. */
export function text(standard: string, pattern: RegExp, range: string, description: string) {
  return declare(z.string().regex(pattern, `must be ${range}`), { ...WORDS, default: standard, range, description });
}

/** Words that a check accepts; `range` says what it accepts. */
export function checked(standard: string, accepts: (value: string) => boolean, range: string, description: string) {
  return declare(z.string().refine(accepts, `must be ${range}`), { ...WORDS, default: standard, range, description });
}

export function directory(standard: string, description: string) {
  const facts = { ...WORDS, path: true, default: standard, range: 'a path' };
  return declare(z.string().min(1), { ...facts, description });
}

/** A file that must be there when it is read; null = none. */
export function optionalFile(description: string) {
  const facts = { ...WORDS, path: true, default: null, range: 'a path' };
  return declare(z.string().min(1).nullable(), { ...facts, description });
}

/** As `text`, or null = none. */
export function optionalText(pattern: RegExp, range: string, description: string) {
  const words = z.string().regex(pattern, `must be ${range}`).nullable();
  return declare(words, { ...WORDS, default: null, range, description });
}

export function optionalUrl(description: string) {
  return declare(z.url({ protocol: /^https?$/ }).nullable(), {
    ...WORDS,
    default: null,
    range: 'an http or https address',
    description,
  });
}

export function secret(description: string) {
  return declare(z.string().nullable(), { ...WORDS, secret: true, default: null, range: 'text', description });
}

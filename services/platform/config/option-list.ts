import { z } from 'zod';
import { optionFacts, type OptionFacts } from './option-kinds.ts';
import { CONFIG } from './options.ts';

export interface Option {
  /** Its path in the file, as `clock.delayMs`. */
  readonly key: string;
  /** Its name in the environment, as `TRIBUTARY_CLOCK_DELAY_MS`. */
  readonly variable: string;
  readonly schema: z.ZodType;
  readonly facts: OptionFacts;
}

/** Every option in the order of `options.ts`. */
export const OPTIONS: readonly Option[] = leaves(CONFIG, '');

export const OPTIONS_BY_KEY: ReadonlyMap<string, Option> = new Map(OPTIONS.map((option) => [option.key, option]));

/** The names of sections, as `clock` and `topics.facts`: what may hold options in a file. */
export const SECTIONS: ReadonlySet<string> = new Set(
  OPTIONS.flatMap(({ key }) => {
    const parts = key.split('.');
    return parts.slice(1).map((_, index) => parts.slice(0, index + 1).join('.'));
  }),
);

function leaves(schema: z.ZodType, prefix: string): Option[] {
  const facts = optionFacts.get(schema);
  if (facts !== undefined) return [{ key: prefix, variable: variableOf(prefix), schema, facts }];
  const section = schema instanceof z.ZodReadonly ? schema.unwrap() : schema;
  if (!(section instanceof z.ZodObject)) throw new Error(`Invariant broken: ${prefix} is neither option nor section`);
  return Object.entries(section.shape).flatMap(([name, child]) =>
    leaves(child as z.ZodType, prefix === '' ? name : `${prefix}.${name}`),
  );
}

function variableOf(key: string): string {
  const words = key.replaceAll('.', '_').replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2');
  return `TRIBUTARY_${words.toUpperCase()}`;
}

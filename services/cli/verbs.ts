import type { Verb } from './verb.ts';
import { configVerb } from './verbs/config.ts';
import { referenceVerb } from './verbs/reference.ts';

/** Every verb, in the order of `--help`. A new one: a file in `verbs/`, its import and its place here. */
export const VERBS: readonly Verb[] = [configVerb, referenceVerb];

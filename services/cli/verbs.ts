import type { Verb } from './verb.ts';
import { backupVerbs } from './verbs/backup.ts';
import { completionVerb } from './verbs/completion.ts';
import { configVerb } from './verbs/config.ts';
import { deadLettersVerb } from './verbs/dead-letters.ts';
import { doctorVerb } from './verbs/doctor.ts';
import { referenceVerb } from './verbs/reference.ts';
import { sendVerb } from './verbs/send.ts';
import { tailVerb } from './verbs/tail.ts';
import { topicsVerb } from './verbs/topics.ts';

/** Every verb, in the order of `--help`. A new one: a file in `verbs/`, its import and its place here. */
export const VERBS: readonly Verb[] = [
  sendVerb,
  tailVerb,
  doctorVerb,
  deadLettersVerb,
  backupVerbs,
  topicsVerb,
  configVerb,
  referenceVerb,
  completionVerb,
];

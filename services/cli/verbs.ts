import type { Verb } from './verb.ts';
import { aclVerb } from './verbs/acl.ts';
import { backupVerbs } from './verbs/backup.ts';
import { completionVerb } from './verbs/completion.ts';
import { configVerb } from './verbs/config.ts';
import { customerVerb } from './verbs/customer.ts';
import { deadLettersVerb } from './verbs/dead-letters.ts';
import { demoVerb } from './verbs/demo.ts';
import { doctorVerb } from './verbs/doctor.ts';
import { importVerb } from './verbs/import.ts';
import { queryVerb } from './verbs/query.ts';
import { referenceVerb } from './verbs/reference.ts';
import { segmentsVerb } from './verbs/segments.ts';
import { sendVerb } from './verbs/send.ts';
import { tailVerb } from './verbs/tail.ts';
import { topicsVerb } from './verbs/topics.ts';
import { txnVerb } from './verbs/txn.ts';
import { upVerb } from './verbs/up.ts';
import { verifyVerb } from './verbs/verify.ts';

/** Every verb, in the order of `--help`. A new one: a file in `verbs/`, its import and its place here. */
export const VERBS: readonly Verb[] = [
  demoVerb,
  upVerb,
  segmentsVerb,
  importVerb,
  sendVerb,
  customerVerb,
  tailVerb,
  queryVerb,
  doctorVerb,
  deadLettersVerb,
  backupVerbs,
  verifyVerb,
  topicsVerb,
  txnVerb,
  aclVerb,
  configVerb,
  referenceVerb,
  completionVerb,
];

/** Documents as authored: segments, groups and tables of cut-offs. */
import { z } from 'zod';
import {
  BOUNDS,
  calendarUnit,
  date,
  dateOrInstant,
  duration,
  instant,
  key,
  segmentKey,
  text,
  zone,
} from '../authored.ts';
import { condition } from './conditions.ts';

const listed = z.strictObject({
  customer: text,
  author: text,
  reason: text,
  expires: dateOrInstant.optional(),
});
const list = z.array(listed).min(1).max(BOUNDS.listValues);

/** For people and for the systems that act; nothing of it changes who is in. */
const forPeople = {
  goal: text.optional(),
  owner: text.optional(),
  targetMetric: z.strictObject({ metric: text, direction: z.enum(['up', 'down']) }).optional(),
  behaviourWanted: text.optional(),
  treatment: z.record(text, z.unknown()).optional(),
  reviewAfter: date.optional().describe('Reminds the owner; never ends a membership.'),
  sectors: z.array(text).optional(),
  protectedTraits: z.array(text).optional(),
  guide: z.record(text, z.unknown()).optional(),
};

const content = z.record(text, z.unknown());
const given = z.strictObject({
  at: instant,
  interaction: content.optional(),
  purchase: content.optional(),
  survey: content.optional(),
  profile: content.optional(),
});
const expected = z.strictObject({
  at: instant,
  member: z.union([z.boolean(), text]).optional(),
  in: z.record(text, z.union([z.boolean(), text])).optional(),
});
const transition = z.strictObject({
  at: instant,
  entered: z.literal(true).optional(),
  exited: z.literal(true).optional(),
  from: text.nullable().optional(),
  to: text.optional(),
  cause: text,
});

/** Of a definition, run by `tributary segments test`; not published. */
export const tests = z
  .array(
    z.strictObject({
      name: text,
      coverage: z.union([z.literal('always'), instant]).optional(),
      given: z.array(given),
      expect: z.array(expected).min(1),
      transitions: z.array(transition).optional(),
    }),
  )
  .describe('Given events and the memberships expected at given instants.');

const membership = {
  stay: condition.optional(),
  grace: duration.optional().describe('Leaves only after the rule has been false for so long.'),
  minStay: duration.optional().describe('Stays at least so long.'),
  unknown: z.enum(['out', 'in', 'hold']).optional().describe('What a rule means that is not known.'),
  include: list.optional().describe('Customers in, whatever the rule says.'),
  exclude: list.optional().describe('Customers out, whatever the rule and the other list say.'),
  consent: text.optional().describe('Only customers who consented to this purpose.'),
};

const name = text.max(120);

export const authoredSegment = z.strictObject({
  key: segmentKey,
  name,
  enter: condition,
  confirm: duration.optional().describe('Enters only after the rule has been true for so long.'),
  ...membership,
  maxStay: duration.optional().describe('Leaves after so long, whatever the rule says.'),
  cooldown: duration.optional().describe('Does not enter again within so long after leaving.'),
  ...forPeople,
  tests: tests.optional(),
});

export const authoredMember = z.strictObject({
  name: name.optional(),
  enter: condition.optional(),
  ...membership,
  ...forPeople,
});

export const authoredGroup = z.strictObject({
  group: segmentKey,
  name,
  order: z.array(key).min(2).max(100).describe('Members by priority: the first whose rule holds is the one.'),
  default: key.describe('The member of those for whom no rule holds.'),
  demoteAt: calendarUnit.optional().describe('A move down waits for the next beginning of this unit.'),
  zone: zone.optional(),
  members: z.record(key, authoredMember),
  ...forPeople,
  tests: tests.optional(),
});

export const authoredTable = z.strictObject({
  table: segmentKey,
  name,
  measure: text.describe('What was measured, in words.'),
  cuts: z.record(z.string(), z.number()).describe('Percentile to value, ascending.'),
  ...forPeople,
});

export type AuthoredSegment = z.infer<typeof authoredSegment>;
export type AuthoredGroup = z.infer<typeof authoredGroup>;
export type AuthoredTable = z.infer<typeof authoredTable>;

/** Everything an entry of a definition can be called. */
export const DEFINITION_ENTRIES: readonly string[] = [
  ...Object.keys(authoredSegment.shape),
  ...Object.keys(authoredGroup.shape),
  ...Object.keys(authoredTable.shape),
];

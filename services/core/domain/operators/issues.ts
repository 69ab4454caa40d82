/** openIssues and reopenedIssues: the life of issues (catalogue §0), told by a log whose key is the issue. */
import type { Measure } from '../language/ast.ts';
import { ISSUE_BITS } from '../language/series-identity.ts';
import type { EventLog } from '../series/event-log.ts';
import { countedLog } from './counted-log.ts';
import type { Quantity } from './quantity.ts';
import type { Steps } from './steps.ts';

type Of<K extends Measure['kind']> = Extract<Measure, { kind: K }>;

const { contact: CONTACT, opened: OPENED, reopened: REOPENED, resolved: RESOLVED, escalated: ESCALATED } = ISSUE_BITS;
const OPENING = CONTACT | OPENED | REOPENED;

/** Where the bits of a clause on the issue's latest fields are, and whether it asks for a field that was never said. */
interface Clause {
  readonly says: number;
  readonly passes: number;
  readonly unsaid: boolean;
}

/** What the log says of one issue, as indices into it; −1 = nothing. */
interface Issue {
  opening: number;
  resolution: number;
  escalation: number;
  /** By clause: where the field was said last. */
  readonly said: number[];
}

/**
 * Of what is told of an issue only the newest of each sort matters, whatever the window: an opening that a resolution follows is
 * never in it alone.
 */
export function openIssues({ windowMs, where, escalated }: Of<'openIssues'>, place: number): Quantity {
  const clauses = where.map(({ test }, index): Clause => {
    const says = ISSUE_BITS.fieldsFrom + 2 * index;
    return { says, passes: says + 1, unsaid: test.op === 'known' && !test.expected };
  });
  return countedLog(place, windowMs, (log, steps) => {
    for (const issue of issuesOf(log, clauses)) addOpen(log, issue, clauses, escalated, windowMs, steps);
  });
}

function issuesOf({ times, bits, keys }: EventLog, clauses: readonly Clause[]): Iterable<Issue> {
  const issues = new Map<string | null, Issue>();
  for (let i = 0; i < times.length; i++) {
    const roles = bits[i]!;
    let issue = issues.get(keys[i]!);
    if (issue === undefined) {
      issue = { opening: -1, resolution: -1, escalation: -1, said: clauses.map(() => -1) };
      issues.set(keys[i]!, issue);
    }
    if ((roles & OPENING) !== 0) issue.opening = i;
    if ((roles & RESOLVED) !== 0) issue.resolution = i;
    if ((roles & ESCALATED) !== 0) issue.escalation = i;
    for (let place = 0; place < clauses.length; place++) if (plays(roles, clauses[place]!.says)) issue.said[place] = i;
  }
  return issues.values();
}

function addOpen(
  { times, bits }: EventLog,
  { opening, resolution, escalation, said }: Issue,
  clauses: readonly Clause[],
  escalated: boolean | null,
  windowMs: number,
  steps: Steps,
): void {
  if (opening < 0 || resolution > opening) return;
  // Counts while all of these are in the window, and none of those.
  let until = times[opening]!;
  let from = -Infinity;
  if (escalated === true) until = escalation < 0 ? -Infinity : Math.min(until, times[escalation]!);
  if (escalated === false && escalation >= 0) from = times[escalation]!;
  for (const [place, { passes, unsaid }] of clauses.entries()) {
    const last = said[place]!;
    if (unsaid) {
      if (last >= 0) from = Math.max(from, times[last]!);
    } else {
      until = last >= 0 && plays(bits[last]!, passes) ? Math.min(until, times[last]!) : -Infinity;
    }
  }
  steps.add(from + windowMs, until + windowMs);
}

/** A reopening by name, or an inbound contact after the issue's newest resolution as long as that is in the window too. */
export function reopenedIssues({ windowMs }: Of<'reopenedIssues'>, place: number): Quantity {
  return countedLog(place, windowMs, ({ times, bits, keys }, steps) => {
    /** By issue: when it was resolved, if nothing opened it since. */
    const resolved = new Map<string | null, number>();
    for (let i = 0; i < times.length; i++) {
      const roles = bits[i]!;
      const key = keys[i]!;
      const at = times[i]!;
      if ((roles & REOPENED) !== 0) steps.add(at, at + windowMs);
      else if ((roles & CONTACT) !== 0) steps.add(at, (resolved.get(key) ?? -Infinity) + windowMs);
      if ((roles & RESOLVED) !== 0) resolved.set(key, at);
      else if ((roles & OPENING) !== 0) resolved.delete(key);
    }
  });
}

/** Bits beyond the 31st are whole numbers still, but no longer for the operators on bits. */
function plays(roles: number, place: number): boolean {
  return place < 31 ? ((roles >>> place) & 1) === 1 : Math.floor(roles / 2 ** place) % 2 === 1;
}

/**
 * failedFirstContacts: of the newest n resolved issues, by their opening, those that came back (catalogue §2).
 *
 * Its window ends now, so it only ever holds the newest entries: the answer for each of those tails is made in one walk from the
 * newest on.
 */
import type { Measure } from '../language/ast.ts';
import { FIRST_CONTACT_MS, ISSUE_BITS } from '../language/series-identity.ts';
import type { EventLog } from '../series/event-log.ts';
import { wholeFrom } from './in-tiles.ts';
import type { Quantity } from './quantity.ts';
import { firstBeyond } from './span.ts';

const { contact: CONTACT, opened: OPENED, reopened: REOPENED, resolved: RESOLVED } = ISSUE_BITS;
const OPENING = CONTACT | OPENED | REOPENED;

/** No value while the feed is not whole: a missing issue might be one of the newest. */
export function failedFirstContacts(
  { n, windowMs }: Extract<Measure, { kind: 'failedFirstContacts' }>,
  place: number,
): Quantity {
  /** By index: how many of the newest n issues failed, of the entries from there on. */
  const failed: number[] = [];
  let log: EventLog | undefined;
  return {
    perUnit: 1,
    prepare(customer) {
      log = customer.series(place) as EventLog | undefined;
      failed.length = log?.times.length ?? 0;
      if (log !== undefined) walk(log, n, (i, count) => (failed[i] = count));
    },
    read(customer, at, out) {
      if (wholeFrom(customer.wholeFrom(place), log) > at - windowMs) out.none();
      else out.exactly(failed[firstBeyond(log?.times ?? NONE, at - windowMs)] ?? 0);
    },
    nextEdge(customer, after) {
      const maturity = wholeFrom(customer.wholeFrom(place), log) + windowMs;
      const edge = maturity > after ? maturity : Infinity;
      const leaver = log?.times[firstBeyond(log.times, after - windowMs)];
      return leaver === undefined ? edge : Math.min(edge, leaver + windowMs);
    },
  };
}

const NONE: readonly number[] = [];

/** What a tail of the log says of an issue; instants in ms UTC, Infinity = never. */
interface Issue {
  /** The oldest resolution, and the one that follows the oldest opening. */
  oldestResolution: number;
  resolution: number;
  firstContact: number;
  secondContact: number;
  reopened: boolean;
}

function walk({ times, bits, keys }: EventLog, n: number, tell: (i: number, failed: number) => void): void {
  const issues = new Map<string | null, Issue>();
  /** Resolved issues, the one that was opened last first: an older opening puts an issue at the end. */
  const resolved = new Set<Issue>();
  for (let i = times.length - 1; i >= 0; i--) {
    const roles = bits[i]!;
    let issue = issues.get(keys[i]!);
    if (issue === undefined) issues.set(keys[i]!, (issue = newIssue()));
    if ((roles & RESOLVED) !== 0) issue.oldestResolution = times[i]!;
    if ((roles & REOPENED) !== 0) issue.reopened = true;
    if ((roles & CONTACT) !== 0) {
      issue.secondContact = issue.firstContact;
      issue.firstContact = times[i]!;
    }
    if ((roles & OPENING) !== 0 && issue.oldestResolution < Infinity) {
      issue.resolution = issue.oldestResolution;
      resolved.delete(issue);
      resolved.add(issue);
    }
    tell(i, failedOf(resolved, n));
  }
}

function newIssue(): Issue {
  return {
    oldestResolution: Infinity,
    resolution: Infinity,
    firstContact: Infinity,
    secondContact: Infinity,
    reopened: false,
  };
}

function failedOf(resolved: ReadonlySet<Issue>, n: number): number {
  let [failed, looked] = [0, 0];
  for (const { reopened, secondContact, resolution } of resolved) {
    if (looked === n) break;
    looked += 1;
    if (reopened || secondContact <= resolution + FIRST_CONTACT_MS) failed += 1;
  }
  return failed;
}

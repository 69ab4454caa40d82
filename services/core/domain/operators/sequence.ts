/** sequence and notFollowedBy: what comes after what, with the same key where one is asked for. Views over a log. */
import type { Measure } from '../language/ast.ts';
import type { EventLog } from '../series/event-log.ts';
import { countedLog } from './counted-log.ts';
import type { Quantity } from './quantity.ts';
import type { Steps } from './steps.ts';

type Of<K extends Measure['kind']> = Extract<Measure, { kind: K }>;

/** Roles of the log: what begins, what completes or answers, what spoils. */
const FIRST = 1;
const THEN = 2;
const WITHOUT = 4;

/** How many events `then` of the window complete a sequence. */
export function sequence({ ms, windowMs }: Of<'sequence'>, place: number): Quantity {
  return countedLog(place, windowMs + ms, (log, steps) => completions(log, ms, windowMs, steps));
}

/** What a key (or all events, without one) has seen before an instant, and at it: neither comes before what happens then. */
interface Course {
  /** Newest `first` and `without` before `at`. */
  first: number;
  without: number;
  at: number;
  firstNow: boolean;
  withoutNow: boolean;
}

/**
 * Only the newest `first` before a `then` matters: what lies between the two lies between every older one and it too, and an older
 * one is further away.
 */
function completions({ times, bits, keys }: EventLog, ms: number, windowMs: number, steps: Steps): void {
  const courses = new Map<string | null, Course>();
  for (let i = 0; i < times.length; i++) {
    const at = times[i]!;
    const course = courseAt(courses, keys[i]!, at);
    const roles = bits[i]!;
    if ((roles & THEN) !== 0 && at - course.first < ms && course.without <= course.first) steps.add(at, at + windowMs);
    if ((roles & FIRST) !== 0) course.firstNow = true;
    if ((roles & WITHOUT) !== 0) course.withoutNow = true;
  }
}

function courseAt(courses: Map<string | null, Course>, key: string | null, at: number): Course {
  let course = courses.get(key);
  if (course === undefined) {
    course = { first: -Infinity, without: -Infinity, at, firstNow: false, withoutNow: false };
    courses.set(key, course);
  } else if (course.at < at) {
    if (course.firstNow) course.first = course.at;
    if (course.withoutNow) course.without = course.at;
    course.at = at;
    course.firstNow = false;
    course.withoutNow = false;
  }
  return course;
}

/** How many events `first` have waited for `ms`, and nothing followed in that time (or, `orLater`, until now). */
export function notFollowedBy({ ms, windowMs, orLater }: Of<'notFollowedBy'>, place: number): Quantity {
  return countedLog(place, windowMs, (log, steps) => unanswered(log, orLater ? Infinity : ms, ms, windowMs, steps));
}

/** The next answer of a key: the oldest after `at`, and whether there is one at it. */
interface Answer {
  next: number;
  at: number;
  now: boolean;
}

/** `patienceMs`: an answer counts when it comes less than so long after. */
function unanswered(
  { times, bits, keys }: EventLog,
  patienceMs: number,
  ms: number,
  windowMs: number,
  steps: Steps,
): void {
  const answers = new Map<string | null, Answer>();
  for (let i = times.length - 1; i >= 0; i--) {
    const at = times[i]!;
    let answer = answers.get(keys[i]!);
    if (answer === undefined) answers.set(keys[i]!, (answer = { next: Infinity, at, now: false }));
    if (answer.at > at) {
      if (answer.now) answer.next = answer.at;
      answer.at = at;
      answer.now = false;
    }
    const answered = answer.next < Infinity && answer.next - at < patienceMs;
    if ((bits[i]! & FIRST) !== 0 && !answered) steps.add(at + ms, at + windowMs);
    if ((bits[i]! & THEN) !== 0) answer.now = true;
  }
}

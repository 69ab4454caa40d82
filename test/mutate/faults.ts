/**
 * Faults planted one at a time, each as a text that is replaced once in a file: what it breaks, and which tests must find it.
 * `model` is the model test on its first histories; other names are files of vitest. Measured with `npm run mutate`.
 */
export interface PlantedFault {
  readonly name: string;
  readonly file: string;
  readonly find: string;
  readonly replace: string;
  /** In words. */
  readonly breaks: string;
  /** `model`, or paths of test files with a space between them. */
  readonly tests: string;
}

const DOMAIN = 'services/core/domain';

function fault(
  name: string,
  file: string,
  find: string,
  replace: string,
  breaks: string,
  tests = 'model',
): PlantedFault {
  return { name, file: `${DOMAIN}/${file}`, find, replace, breaks, tests };
}

/** Windows and their edges. */
const WINDOWS: readonly PlantedFault[] = [
  fault(
    'count-edge',
    'operators/count.ts',
    'tiles.firstAfter(sight.at - window.ms);\n      const count',
    'tiles.firstAfter(sight.at - window.ms - 1);\n      const count',
    'an event counts a millisecond longer than its window',
  ),
  fault(
    'count-whole',
    'operators/count.ts',
    'const whole = wholeFrom <= sight.at - window.ms;',
    'const whole = true;',
    'a count is taken for exact though its feed is not whole',
  ),
  fault(
    'sliding-offset',
    'operators/span.ts',
    'out.set(at - reach, at - offsetMs, at - reach)',
    'out.set(at - reach, at - offsetMs - 1, at - reach)',
    'the upper edge of a window with an offset lies a millisecond too early',
  ),
  fault(
    'offset-comer',
    'operators/span.ts',
    'if (offsetMs === 0) return edge;',
    'if (offsetMs >= 0) return edge;',
    'nobody wakes when an event comes into a window with an offset',
  ),
  fault(
    'calendar-start',
    'operators/span.ts',
    'return out.set(start - 1, back === 0',
    'return out.set(start, back === 0',
    'an event at the very beginning of a calendar unit does not count',
    'test/core/domain/operators/leaf-values.test.ts',
  ),
  fault(
    'fixed-until',
    'operators/span.ts',
    'out.set(from - 1, Math.min(at, until - 1), from)',
    'out.set(from - 1, Math.min(at, until), from)',
    'a fixed range holds its upper bound',
    'test/core/domain/operators/leaf-values.test.ts',
  ),
  fault(
    'anchor-edge',
    'operators/span.ts',
    'return out.set(newest, at, newest);',
    'return out.set(newest - 1, at, newest);',
    'an event at the instant of the anchor counts',
  ),
  fault(
    'none-tenure',
    'operators/on-tape.ts',
    'return sight.wholeFrom <= at - windowMs && sight.tenure <= at - windowMs ? TRUE : UNKNOWN;',
    'return sight.wholeFrom <= at - windowMs ? TRUE : UNKNOWN;',
    'somebody who is new has been silent for a month',
  ),
  fault(
    'none-lost-timer',
    'operators/on-tape.ts',
    '[(newest ?? -Infinity) + windowMs, sight.wholeFrom + windowMs, sight.tenure + windowMs]',
    '[sight.wholeFrom + windowMs, sight.tenure + windowMs]',
    'nobody wakes when silence has lasted',
  ),
];

/** Values over events. */
const VALUES: readonly PlantedFault[] = [
  fault(
    'recency-passes',
    'operators/on-tape.ts',
    'consider(newest + test.value + 1, wholeFrom, newest, sight, verdict);\n      if',
    'if',
    'a recency that passes its threshold is noticed too late',
  ),
  fault(
    'sum-of-unsaid',
    'operators/in-tiles.ts',
    'totals.known < totals.count ? Infinity : totals.sum, 1)',
    'totals.sum, 1)',
    'an amount that is not said counts as nothing',
  ),
  fault(
    'refund-sign',
    'evaluation/folding.ts',
    'tiles.add(instant, plan.number(record));',
    'tiles.add(instant, Math.abs(plan.number(record) ?? NaN) || plan.number(record));',
    'a refund counts as if it were paid',
  ),
  fault(
    'tiles-unsorted',
    'series/tiles.ts',
    'let at = last < 0 || this.times[last]! <= instant ? last + 1 : this.firstAfter(instant);',
    'let at = last + 1;',
    'late events lie behind newer ones',
  ),
  fault(
    'tiles-collapse',
    'series/tiles.ts',
    'fold(times, greater);',
    'fold(times, (a, b) => Math.min(a, b));',
    'a folded minute lies at its oldest event',
  ),
  fault(
    'tape-hash',
    'series/tape.ts',
    'if (this.hashHigh[index]! !== high) return this.hashHigh[index]! > high;',
    'if (this.hashHigh[index]! !== high) return this.hashHigh[index]! < high;',
    'of two events of one instant the wrong one is the newest',
  ),
  fault(
    'prune-early',
    'evaluation/folding.ts',
    'plan.reachMs === 0 ? Infinity : asOfLessLateness - plan.reachMs',
    'plan.reachMs === 0 ? Infinity : asOfLessLateness',
    'what a window still holds is dropped',
  ),
  fault(
    'prune-log',
    'series/event-log.ts',
    'this.completeFrom = Math.max(this.completeFrom, this.times[count - 1]! + 1);',
    '',
    'what a log has dropped is taken for never told',
    'test/core/domain/series/series.test.ts',
  ),
  fault(
    'distinct-merge',
    'series/latest.ts',
    'this.completeFrom = Math.max(this.completeFrom, other.completeFrom);',
    '',
    'a merge forgets what one of the two has dropped',
    'test/core/domain/series/series.test.ts',
  ),
  fault(
    'average-last-few',
    'operators/newest.ts',
    'return feed === -Infinity && (tape?.completeFrom ?? -Infinity) === -Infinity ? 0 : -1;',
    'return 0;',
    'the few values known are taken for the newest ones',
  ),
  fault(
    'trend-halves',
    'operators/newest.ts',
    'const before = sumOf(tape, start, start + n);',
    'const before = sumOf(tape, start, start + n - 1);',
    'a trend leaves out one value of the part before',
  ),
  fault(
    'decay-step',
    'time/decay.ts',
    'return Math.max(1, Math.floor(halfLifeMs / STEPS));',
    'return Math.max(1, Math.ceil(halfLifeMs / STEPS) + 1);',
    'what is old weighs too much',
  ),
  fault(
    'ratio-enough',
    'operators/ratio.ts',
    'counted.low < times(counted.den, enough.n)',
    'counted.low <= times(counted.den, enough.n)',
    'a share of exactly enough events has no value',
  ),
  fault(
    'largest-per-key',
    'operators/largest-per-key.ts',
    'const key = keys[i]!;',
    'const key = null;',
    'what is about different issues is counted together',
  ),
];

/** Sequences and issues. */
const ORDERS: readonly PlantedFault[] = [
  fault(
    'sequence-within',
    'operators/sequence.ts',
    'at - course.first < ms',
    'at - course.first <= ms',
    'what comes exactly at the end of its time completes a sequence',
  ),
  fault(
    'sequence-key',
    'operators/sequence.ts',
    'const course = courseAt(courses, keys[i]!, at);',
    'const course = courseAt(courses, null, at);',
    'the issue is ignored in sequences',
  ),
  fault(
    'sequence-without',
    'operators/sequence.ts',
    'course.without <= course.first',
    'course.without <= at',
    'what must not come between may',
  ),
  fault(
    'or-later',
    'operators/sequence.ts',
    'orLater ? Infinity : ms',
    'ms',
    'an answer that comes late counts as none',
  ),
  fault(
    'unanswered-due',
    'operators/sequence.ts',
    'steps.add(at + ms, at + windowMs);',
    'steps.add(at + ms + 1, at + windowMs);',
    'that nothing followed is noticed a millisecond late',
  ),
  fault(
    'open-resolved',
    'operators/issues.ts',
    'if (opening < 0 || resolution > opening) return;',
    'if (opening < 0) return;',
    'a resolved issue is open',
  ),
  fault(
    'reopened-window',
    'operators/issues.ts',
    '(resolved.get(key) ?? -Infinity) + windowMs',
    'resolved.has(key) ? at + windowMs : -Infinity',
    'a contact reopens an issue that was resolved before the window',
  ),
  fault(
    'first-contacts',
    'operators/first-contacts.ts',
    'secondContact <= resolution + FIRST_CONTACT_MS',
    'secondContact <= resolution',
    'a second contact within a week is no failure of the first',
  ),
];

/** Traits, dates, scores. */
const TRAITS: readonly PlantedFault[] = [
  fault(
    'trait-newest',
    'profile/profile.ts',
    'if (a.at !== b.at) return a.at > b.at;',
    'if (a.at !== b.at) return true;',
    'what is said late replaces what is newer',
  ),
  fault(
    'unknown-as-false',
    'operators/trait.ts',
    'truth(values.has(value) === expected) : UNKNOWN',
    'truth(values.has(value) === expected) : FALSE',
    'a trait that is not known is taken for another',
  ),
  fault(
    'held-since',
    'operators/trait-history.ts',
    '(since <= at - ms ? TRUE : tooShort)',
    '(since < at - ms ? TRUE : tooShort)',
    'a trait has been so for a day only a millisecond later',
  ),
  fault(
    'first-value',
    'operators/trait-history.ts',
    'else if (before >= 0 && values[before] !== values[i])',
    'else if (values[before] !== values[i])',
    'the first value ever known is a change',
  ),
  fault(
    'score-expired',
    'operators/score.ts',
    "const expiresAt = instant(view, 'expiresAt') ?? Infinity;",
    'const expiresAt = Infinity;',
    'a score that has expired is used',
  ),
  fault(
    'score-age',
    'operators/score.ts',
    'computedAt + maxAgeMs + 1',
    'computedAt + maxAgeMs',
    'a score of exactly its maximum age is too old',
  ),
  fault(
    'leap-day',
    'time/civil.ts',
    'return dayNumber(year, of.month, of.day);',
    'return dayNumber(year, of.month, Math.min(of.day, 28));',
    'who was born on the last days of a month has a birthday too early',
  ),
  fault(
    'month-end',
    'time/civil.ts',
    'return Math.min(dayNumber(from.year, month, 1) + from.day - 1, next);',
    'return dayNumber(from.year, month, 1) + from.day - 1;',
    'a month after the 31st is too long',
    'test/core/domain/time',
  ),
  fault(
    'daylight-saving',
    'time/calendar.ts',
    'const start = Math.max(from, midnight - this.#offsets.offsetAt(from));',
    'const start = Math.max(from, midnight - this.#offsets.offsetAt(midnight - OFFSET_MAX_MS));\n      if (start >= from) return start;',
    'the day after a change of the clocks begins an hour off',
    'test/core/domain/time',
  ),
  fault(
    'version-parts',
    'text/version.ts',
    'const difference = (a[place] ?? 0) - (b[place] ?? 0);',
    'const difference = String(a[place] ?? 0) < String(b[place] ?? 0) ? -1 : a[place] === b[place] ? 0 : 1;',
    'versions are compared letter by letter',
  ),
];

/** How sure and how long; lists, consents and groups. */
const STABILITY: readonly PlantedFault[] = [
  fault(
    'confirm-back-dated',
    'evaluation/stability.ts',
    'return Math.max(since + stability.confirmMs, left + stability.cooldownMs);',
    'return Math.max(since, left + stability.cooldownMs);',
    'nobody waits to be sure',
  ),
  fault(
    'cooldown-ignored',
    'evaluation/stability.ts',
    'return Math.max(since + stability.confirmMs, left + stability.cooldownMs);',
    'return since + stability.confirmMs;',
    'nobody waits before coming back',
  ),
  fault(
    'grace-ignored',
    'evaluation/stability.ts',
    'Math.max(since + stability.graceMs, enteredAt + stability.minStayMs)',
    'enteredAt + stability.minStayMs',
    'grace does not count',
  ),
  fault(
    'min-stay-ignored',
    'evaluation/stability.ts',
    'Math.max(since + stability.graceMs, enteredAt + stability.minStayMs)',
    'since + stability.graceMs',
    'the shortest stay does not count',
  ),
  fault(
    'exit-edge',
    'evaluation/stability.ts',
    'return exitDue(rule, stays, enteredAt) > at;',
    'return exitDue(rule, stays, enteredAt) >= at;',
    'a grace that ends at an instant does not end at it',
  ),
  fault(
    'max-stay-timer',
    'evaluation/stability.ts',
    'if (holds) return longest;',
    'if (holds) return Infinity;',
    'nobody leaves after the longest stay',
  ),
  fault(
    'spent-forgotten',
    'evaluation/stability.ts',
    'if (stays.spent && !resolved(enter, rule, true)) stays.spent = false;',
    'stays.spent = false;',
    'who had to leave after the longest stay is back at once',
  ),
  fault(
    'hold-as-out',
    'evaluation/stability.ts',
    "return unknown === 'hold' ? held : unknown === 'in';",
    "return unknown === 'in';",
    'a rule that holds on while unknown does not',
  ),
  fault(
    'stay-ignored',
    'evaluation/stability.ts',
    'const holds = resolved(member ? either(enter, stay) : enter, rule, stays.holds);',
    'const holds = resolved(enter, rule, stays.holds);',
    'the weaker rule keeps nobody in',
  ),
  fault(
    'include-first',
    'evaluation/lists.ts',
    "if (names(exclude, profile.key, at)) return { member: false, why: 'exclude', until };\n",
    '',
    'who is on the list of those who are out stays in',
  ),
  fault(
    'list-expiry',
    'evaluation/lists.ts',
    'return expiresAt === null || at < expiresAt;',
    'return expiresAt === null || at <= expiresAt;',
    'a place on a list lasts a millisecond too long',
  ),
  fault(
    'demotion-at-once',
    'evaluation/tiers.ts',
    'return demoteAt === null ? due : firstStart(due, demoteAt, timezone);',
    'return due;',
    'a move down does not wait for the beginning of the unit',
  ),
  fault(
    'demotion-grace',
    'evaluation/tiers.ts',
    'const due = Math.max(stays.since + graceMs, enteredAt + minStayMs);',
    'const due = enteredAt + minStayMs;',
    'a move down does not wait for grace',
  ),
  fault(
    'promotion-delayed',
    'evaluation/tiers.ts',
    'rules[place] === fallback || rules.indexOf(candidate) < place',
    'rules[place] === fallback',
    'a move up waits',
  ),
];

/** Customers, their timers, and the rules they are at. */
const RUNS: readonly PlantedFault[] = [
  fault(
    'as-of-back',
    'evaluation/customer.ts',
    'profile.asOf = late ? reached : at;',
    'profile.asOf = at;',
    'a late event moves the own now of a customer back',
  ),
  fault(
    'timers-after',
    'evaluation/customer.ts',
    'if (!late) fireThrough(customer, rules, at, onStep);',
    'if (!late) fireThrough(customer, rules, at - 1, onStep);',
    'an event comes before a timer of its instant',
  ),
  fault(
    'tenure-late',
    'evaluation/customer.ts',
    'if (earlier) profile.tenure = event.instant;',
    '',
    'since when somebody is known does not move back',
  ),
  fault(
    'old-timers',
    'evaluation/customer.ts',
    'if (from !== undefined) fireThrough(customer, from, to.effectiveFrom - 1, onStep);',
    '',
    'timers due before new rules took effect are lost',
  ),
  fault(
    'reference-order',
    'evaluation/evaluate.ts',
    'if (this.#flips.length > before) for (const index of plan.comparisons[id]!.units) insert(indices, index);',
    '',
    'who refers to a segment does not hear of its change',
  ),
  fault(
    'late-flip',
    'evaluation/standing.ts',
    'if (this.#flips[i]! <= at)',
    'if (this.#flips[i]! < at)',
    'timers of one instant are not fired together',
  ),
  fault(
    'trace-without-flip',
    'evaluation/evaluate.ts',
    'if (stays.holds !== before) this.#rootChanged = true;\n    if (decision.rule',
    'if (decision.rule',
    'a place on a list that ends leaves no trace on the member of a group',
    'test/core/domain/evaluation/customer.test.ts',
  ),
  fault(
    'own-table',
    'evaluation/comparisons.ts',
    'return this.#set.tables.get(table)?.table.cuts.get(percentile) ?? null;',
    'return this.#set.tables.get(table)?.table.cuts.values().next().value ?? null;',
    'another percentile of the table is compared with',
  ),
  fault(
    'consent-unheard',
    'evaluation/customer.ts',
    'units: [...new Set(names.flatMap((name) => plan.consents.get(name) ?? []))].sort((a, b) => a - b),',
    'units: NONE,',
    'who withdraws a consent stays in',
  ),
  fault(
    'forecast-horizon',
    'evaluation/next-changes.ts',
    'note(rule.number, at, kind',
    'note(rule.number, at + 1, kind',
    'what is forecast is a millisecond off',
  ),
  fault(
    'looks-leave-traces',
    'evaluation/customer.ts',
    'if (evaluation.at === due) profile.firedThrough = due;',
    'profile.firedThrough = due;',
    'bytes depend on where commits cut',
    'test/core/domain/evaluation/customer.test.ts',
  ),
];

export const FAULTS: readonly PlantedFault[] = [...WINDOWS, ...VALUES, ...ORDERS, ...TRAITS, ...STABILITY, ...RUNS];

/** Tests inside definitions: from what is written to events and expectations. All mistakes are found in one go, with their paths. */
import type { z } from 'zod';
import { hash64 } from '../../core/domain/events/event-id.ts';
import type { Input } from '../../core/domain/events/header.ts';
import type { FoldedEvent } from '../../core/domain/evaluation/customer.ts';
import type { EventRecord } from '../../core/domain/evaluation/filter.ts';
import { tests as authoredTests } from '../../core/domain/language/authored/definitions.ts';
import type { Mistake } from '../../core/domain/language/mistakes.ts';
import { structuralMistakes } from '../../core/domain/language/structure.ts';
import { eventFromJson } from '../../ingest/json/event-from-json.ts';

export interface GivenEvent {
  readonly input: Input;
  readonly eventId: string;
  /** Its log wrote it at, ms UTC: the latest instant of the test so far. Later than `event.instant` for a late one. */
  readonly appendedAt: number;
  readonly event: FoldedEvent;
}

/** Whether somebody is in a segment, or which member of a group somebody is; 'unknown' = the rule cannot tell. */
export type Expected = boolean | string;

export interface Expectation {
  readonly path: Mistake['path'];
  readonly at: number;
  /** By key of the segment or group. */
  readonly memberships: ReadonlyMap<string, Expected>;
}

export interface ExpectedTransition {
  readonly at: number;
  /** `entered`, `exited`, or the members of a move, as `standard -> vip`. */
  readonly what: string;
  readonly cause: string;
}

export interface TestCase {
  readonly name: string;
  readonly path: Mistake['path'];
  readonly customer: string;
  /** Since when all feeds are whole, ms UTC; −Infinity = always. */
  readonly coverage: number;
  /** In the order they arrive. */
  readonly given: readonly GivenEvent[];
  /** Ascending. */
  readonly expect: readonly Expectation[];
  /** All there are, in order; null = not said. */
  readonly transitions: readonly ExpectedTransition[] | null;
}

export interface TestTerms {
  /** The workspace's: of amounts that name none. */
  readonly currency: string;
}

type AuthoredTest = z.infer<typeof authoredTests>[number];
type AuthoredEvent = AuthoredTest['given'][number];

/** Who a test is about unless one of its events names somebody. */
const SOMEBODY = 'somebody';

const INPUT_OF = {
  interaction: 'interactions',
  purchase: 'purchases',
  survey: 'surveys',
  profile: 'profiles',
} as const satisfies Readonly<Record<string, Input>>;
type EventName = keyof typeof INPUT_OF;
const EVENT_NAMES = Object.keys(INPUT_OF) as readonly EventName[];

/** `key`: of the definition the tests stand in. */
export function readTests(
  key: string,
  written: unknown,
  terms: TestTerms,
): { readonly tests: readonly TestCase[]; readonly mistakes: readonly Mistake[] } {
  if (written === undefined) return { tests: [], mistakes: [] };
  const form = authoredTests.safeParse(written);
  if (!form.success) return { tests: [], mistakes: structuralMistakes(form.error.issues, written, ['tests']) };
  const mistakes: Mistake[] = [];
  const tests = form.data.map((test, index) => readTest(key, test, ['tests', index], terms, mistakes));
  return { tests, mistakes };
}

function readTest(
  key: string,
  test: AuthoredTest,
  path: Mistake['path'],
  terms: TestTerms,
  mistakes: Mistake[],
): TestCase {
  const customer = customerOf(test, path, mistakes);
  let appendedAt = -Infinity;
  const given = test.given.flatMap((written, index): GivenEvent[] => {
    const at = Date.parse(written.at);
    appendedAt = Math.max(appendedAt, at);
    const ids = { customer, eventId: `given-${index + 1}` };
    const event = readEvent(written, [...path, 'given', index], { ...ids, at, appendedAt }, terms, mistakes);
    return event === undefined ? [] : [event];
  });
  const expect = test.expect.map((one, index): Expectation => {
    const place = [...path, 'expect', index];
    const memberships = new Map<string, Expected>(Object.entries(one.in ?? {}));
    if (one.member !== undefined) memberships.set(key, one.member);
    if (memberships.size === 0) mistakes.push({ path: place, message: 'says nothing; expected member or in' });
    return { path: place, at: Date.parse(one.at), memberships };
  });
  return {
    name: test.name,
    path,
    customer,
    coverage: test.coverage === undefined || test.coverage === 'always' ? -Infinity : Date.parse(test.coverage),
    given,
    expect: expect.sort((a, b) => a.at - b.at),
    transitions:
      test.transitions?.map((one, index) => readTransition(one, [...path, 'transitions', index], mistakes)) ?? null,
  };
}

function readTransition(
  written: NonNullable<AuthoredTest['transitions']>[number],
  path: Mistake['path'],
  mistakes: Mistake[],
): ExpectedTransition {
  const { entered, exited, from, to, cause } = written;
  const said = [entered === true, exited === true, to !== undefined].filter(Boolean).length;
  if (said !== 1) mistakes.push({ path, message: 'expected one of entered: true, exited: true, or from and to' });
  const what = to === undefined ? (entered === true ? 'entered' : 'exited') : moveInWords(from ?? null, to);
  return { at: Date.parse(written.at), what, cause };
}

/** A move as tests and their outcome say it; `from` null = the first member ever. */
export function moveInWords(from: string | null, to: string): string {
  return `${from ?? 'none'} -> ${to}`;
}

/** A test is about one customer: lists and samples go by the id, so its events may say which. */
function customerOf({ given }: AuthoredTest, path: Mistake['path'], mistakes: Mistake[]): string {
  const ids = new Set(given.flatMap((event) => EVENT_NAMES.map((name) => event[name]?.['customerId'])));
  ids.delete(undefined);
  if (ids.size > 1) mistakes.push({ path: [...path, 'given'], message: 'a test is about one customer, found several' });
  const [id] = ids;
  return typeof id === 'string' ? id : SOMEBODY;
}

function readEvent(
  written: AuthoredEvent,
  path: Mistake['path'],
  place: { readonly customer: string; readonly eventId: string; readonly at: number; readonly appendedAt: number },
  { currency }: TestTerms,
  mistakes: Mistake[],
): GivenEvent | undefined {
  const names = EVENT_NAMES.filter((name) => written[name] !== undefined);
  const [name] = names;
  if (name === undefined || names.length > 1) {
    const found = name === undefined ? '' : `, found ${names.join(' and ')}`;
    mistakes.push({ path, message: `expected one of ${EVENT_NAMES.join(', ')}${found}` });
    return undefined;
  }
  const { customer, eventId, at, appendedAt } = place;
  const content: Readonly<Record<string, unknown>> = {
    ...blankOf(name, place, currency),
    ...withScores(written[name]!, at),
  };
  // A test means the same in every workspace: its amounts are in the workspace's currency, whichever that is.
  const base = typeof content['currency'] === 'string' ? content['currency'] : currency;
  const times = { occurredAt: at, receivedAt: appendedAt };
  const input = INPUT_OF[name];
  const defaults = { eventId: () => eventId, source: 'test', receivedAt: appendedAt, currency: base };
  const reading = eventFromJson(input, { customerId: customer, ...content, ...times }, defaults);
  if (reading.mistakes !== undefined) {
    for (const { field, message } of reading.mistakes)
      mistakes.push({ path: [...path, name, ...stepsOf(field)], message });
    return undefined;
  }
  const { event } = reading;
  const { hi, lo } = hash64(event.eventId);
  const record = event as unknown as EventRecord;
  const folded = { name, record, sourceId: event.customerId, instant: at, high: hi, low: lo };
  return { input, eventId: event.eventId, appendedAt, event: folded };
}

/** What an event of a test need not say although its schema asks for it. */
function blankOf(
  name: EventName,
  { eventId }: { readonly eventId: string },
  currency: string,
): Readonly<Record<string, unknown>> {
  switch (name) {
    case 'purchase':
      return { amountMinor: 0, currency };
    case 'survey':
      return { surveyId: 'survey', questionId: 'question', responseId: eventId };
    case 'interaction':
    case 'profile':
      return {};
  }
}

/** A score of a test is of some version and computed when it came, unless it says so. */
function withScores(content: Readonly<Record<string, unknown>>, at: number): Readonly<Record<string, unknown>> {
  const { scores } = content;
  if (!Array.isArray(scores)) return content;
  const filled = (scores as readonly unknown[]).map((score) =>
    typeof score === 'object' && score !== null ? { version: '1', computedAt: at, ...score } : score,
  );
  return { ...content, scores: filled };
}

function stepsOf(field: string): readonly (string | number)[] {
  return field === '' ? [] : field.split('.').map((step) => (/^\d+$/.test(step) ? Number(step) : step));
}

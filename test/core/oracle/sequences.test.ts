import { describe, expect, it } from 'vitest';
import type { Measure } from '../../../services/core/domain/language/ast.ts';
import type { Interaction } from '../../../services/core/domain/events/interaction.ts';
import { interaction } from './events.ts';
import { compare, DAY, events, HOUR, MINUTE, oneOf, truths } from './definitions.ts';

const kind = (name: string) => events('interaction', oneOf('kind', name));
const ticket: Interaction['ticket'] = {
  status: null,
  type: null,
  priority: null,
  urgency: null,
  complexity: null,
  firstReplyMs: null,
  resolutionMs: null,
  durationClock: null,
  slaMetric: null,
  slaTargetMs: null,
  slaMet: null,
  reopenCount: null,
  reassignmentCount: null,
  escalationLevel: null,
  resolvedBy: null,
  resolutionCode: null,
  resolvedOnFirstContact: null,
};

let made = 0;
function step(
  name: Interaction['kind'],
  occurredAt: number,
  issueId: string | null = null,
  more: Partial<Interaction> = {},
): Interaction {
  made += 1;
  return interaction({ eventId: `s${made}`, occurredAt, kind: name, issueId, ...more });
}

describe('one after the other', () => {
  const measure: Measure = {
    kind: 'sequence',
    first: kind('error_shown'),
    then: kind('contact'),
    without: kind('ticket_resolved'),
    key: null,
    ms: 45 * MINUTE,
    windowMs: 10 * DAY,
  };

  it('counts what is completed in less than the time, and not at once', () => {
    const told = (gap: number): readonly string[] =>
      truths(compare(measure, 'atLeast', 1), [step('error_shown', DAY), step('contact', DAY + gap)], 2 * DAY);
    expect(told(0)).toEqual([`false@${DAY}`]);
    expect(told(1)).toEqual([`false@${DAY}`, `true@${DAY + 1}`]);
    expect(told(45 * MINUTE - 1)).toEqual([`false@${DAY}`, `true@${DAY + 45 * MINUTE - 1}`]);
    expect(told(45 * MINUTE)).toEqual([`false@${DAY}`]);
  });

  it('is spoiled by what lies strictly between', () => {
    const told = (between: number): readonly string[] =>
      truths(
        compare(measure, 'atLeast', 1),
        [step('error_shown', DAY), step('ticket_resolved', between), step('contact', DAY + HOUR / 2)],
        2 * DAY,
      );
    expect(told(DAY + 1)).toEqual([`false@${DAY}`]);
    expect(told(DAY)).toEqual([`false@${DAY}`, `true@${DAY + HOUR / 2}`]);
    expect(told(DAY + HOUR / 2)).toEqual([`false@${DAY}`, `true@${DAY + HOUR / 2}`]);
  });

  it('leaves when its end does, though its beginning lies further back', () => {
    const told = truths(
      compare(measure, 'atLeast', 1),
      [step('error_shown', DAY), step('contact', DAY + HOUR / 2)],
      30 * DAY,
    );
    expect(told.at(-1)).toBe(`false@${11 * DAY + HOUR / 2}`);
  });

  it('of one key leaves out what has none', () => {
    const keyed: Measure = { ...measure, without: null, key: 'issueId' };
    const told = truths(
      compare(keyed, 'atLeast', 1),
      [
        step('error_shown', DAY),
        step('error_shown', DAY, 'i1'),
        step('contact', DAY + 1, 'i2'),
        step('contact', DAY + 2),
        step('contact', DAY + 3, 'i1'),
      ],
      2 * DAY,
    );
    expect(told).toEqual([`false@${DAY}`, `true@${DAY + 3}`]);
  });

  it('may be more than are seen until the feed is whole over both', () => {
    const told = truths(compare(measure, 'lessThan', 1), [step('page_view', 5 * DAY)], 30 * DAY, { since: 4 * DAY });
    expect(told).toEqual([`unknown@${5 * DAY}`, `true@${14 * DAY + 45 * MINUTE}`]);
  });
});

describe('one without the other after it', () => {
  const measure: Measure = {
    kind: 'notFollowedBy',
    first: kind('contact'),
    by: kind('ticket_answered'),
    key: 'issueId',
    ms: HOUR,
    windowMs: 3 * DAY,
    orLater: false,
  };

  it('counts from the moment it has waited so long, until it leaves', () => {
    const told = truths(compare(measure, 'atLeast', 1), [step('contact', DAY, 'i1')], 9 * DAY);
    expect(told).toEqual([`false@${DAY}`, `true@${DAY + HOUR}`, `false@${4 * DAY}`]);
  });

  it('is answered only in time, unless later is soon enough', () => {
    const steps = (gap: number) => [step('contact', DAY, 'i1'), step('ticket_answered', DAY + gap, 'i1')];
    expect(truths(compare(measure, 'atLeast', 1), steps(HOUR - 1), 2 * DAY)).toEqual([`false@${DAY}`]);
    expect(truths(compare(measure, 'atLeast', 1), steps(HOUR), 2 * DAY)).toEqual([
      `false@${DAY}`,
      `true@${DAY + HOUR}`,
    ]);
    const later: Measure = { ...measure, orLater: true };
    expect(truths(compare(later, 'atLeast', 1), steps(2 * HOUR), 2 * DAY)).toEqual([
      `false@${DAY}`,
      `true@${DAY + HOUR}`,
      `false@${DAY + 2 * HOUR}`,
    ]);
  });
});

describe('issues', () => {
  const open = (more: Partial<Extract<Measure, { kind: 'openIssues' }>> = {}): Measure => {
    return { kind: 'openIssues', where: [], escalated: null, windowMs: 365 * DAY, ...more };
  };

  it('are open from their opening until they are resolved, and again when they come back', () => {
    const steps = [
      step('ticket_opened', DAY, 'i1'),
      step('ticket_resolved', 2 * DAY, 'i1'),
      step('contact', 3 * DAY, 'i1'),
      step('ticket_resolved', 4 * DAY, 'i1'),
      step('contact', 5 * DAY, 'i1', { direction: 'outbound' }),
    ];
    expect(truths(compare(open(), 'atLeast', 1), steps, 6 * DAY)).toEqual([
      `true@${DAY}`,
      `false@${2 * DAY}`,
      `true@${3 * DAY}`,
      `false@${4 * DAY}`,
    ]);
  });

  it('are judged by the latest of what was said of them', () => {
    const urgent = open({ where: [{ field: 'ticket.priority', test: { op: 'in', values: ['urgent'] } }] });
    const steps = [
      step('ticket_opened', DAY, 'i1'),
      step('ticket_updated', 2 * DAY, 'i1', { ticket: { ...ticket, priority: 'urgent' } }),
      step('ticket_updated', 3 * DAY, 'i1', { ticket }),
      step('ticket_updated', 4 * DAY, 'i1', { ticket: { ...ticket, priority: 'low' } }),
    ];
    expect(truths(compare(urgent, 'atLeast', 1), steps, 5 * DAY)).toEqual([
      `false@${DAY}`,
      `true@${2 * DAY}`,
      `false@${4 * DAY}`,
    ]);
  });

  it('may be asked for being escalated, or not', () => {
    const steps = [step('ticket_opened', DAY, 'i1'), step('ticket_escalated', 2 * DAY, 'i1')];
    expect(truths(compare(open({ escalated: true }), 'atLeast', 1), steps, 3 * DAY)).toEqual([
      `false@${DAY}`,
      `true@${2 * DAY}`,
    ]);
    expect(truths(compare(open({ escalated: false }), 'atLeast', 1), steps, 3 * DAY)).toEqual([
      `true@${DAY}`,
      `false@${2 * DAY}`,
    ]);
  });

  it('come back by name, or by a contact after their resolution', () => {
    const measure: Measure = { kind: 'reopenedIssues', windowMs: 14 * DAY };
    const steps = [
      step('contact', DAY, 'i1'),
      step('contact', 2 * DAY, 'i1'),
      step('ticket_resolved', 3 * DAY, 'i1'),
      step('contact', 4 * DAY, 'i1'),
      step('contact', 5 * DAY, 'i1'),
      step('ticket_reopened', 6 * DAY, 'i2'),
    ];
    expect(truths(compare(measure, 'atLeast', 1), steps, 6 * DAY)).toEqual([`false@${DAY}`, `true@${4 * DAY}`]);
    // The one by contact goes with the resolution it came after; the other with its own day.
    expect(truths(compare(measure, 'atLeast', 2), steps, 40 * DAY)).toEqual([
      `false@${DAY}`,
      `true@${6 * DAY}`,
      `false@${17 * DAY}`,
    ]);
  });

  it('were not dealt with at first when they come back within seven days of their resolution', () => {
    const measure: Measure = { kind: 'failedFirstContacts', n: 2, windowMs: 180 * DAY };
    const steps = (back: number) => [
      step('contact', DAY, 'i1'),
      step('ticket_resolved', 2 * DAY, 'i1'),
      step('contact', back, 'i1'),
    ];
    expect(truths(compare(measure, 'atLeast', 1), steps(9 * DAY), 20 * DAY)).toEqual([
      `false@${DAY}`,
      `true@${9 * DAY}`,
    ]);
    expect(truths(compare(measure, 'atLeast', 1), steps(9 * DAY + 1), 20 * DAY)).toEqual([`false@${DAY}`]);
  });

  it('of which only the newest count push out the older ones', () => {
    const measure: Measure = { kind: 'failedFirstContacts', n: 1, windowMs: 180 * DAY };
    const steps = [
      step('ticket_opened', DAY, 'i1'),
      step('ticket_resolved', 2 * DAY, 'i1'),
      step('ticket_reopened', 3 * DAY, 'i1'),
      step('ticket_opened', 4 * DAY, 'i2'),
      step('ticket_resolved', 5 * DAY, 'i2'),
    ];
    expect(truths(compare(measure, 'atLeast', 1), steps, 20 * DAY)).toEqual([
      `false@${DAY}`,
      `true@${3 * DAY}`,
      `false@${5 * DAY}`,
    ]);
  });
});

/** Shortcuts for support, written out as the conditions they stand for. The rules are those of the metrics (catalogue §0). */
import type { MacroKey } from '../authored/macros.ts';
import { asList, type Entry } from './parsing.ts';

/** Models whose scores the shortcuts read. */
const CLV_MODEL = 'clv12m';
const ALIVE_MODEL = 'pAlive';

const INBOUND: Entry = { kind: 'contact', direction: 'inbound' };
const RENEWABLE = ['subscription_started', 'subscription_renewed', 'subscription_upgraded', 'subscription_downgraded'];

type Written = Exclude<MacroKey, 'rfmClass'>;

/** `beside`: what stands beside the body (a comparator, a maximum age). */
export function writtenOut(key: Written, body: unknown, beside: Entry): Entry {
  const entry = body as Entry;
  switch (key) {
    case 'repeatContact': {
      const where = { ...INBOUND, ...optional('channel', entry['channel']) };
      return {
        count: { event: 'interaction', where, within: entry['within'], sameKey: 'issueId' },
        atLeast: entry['atLeast'] ?? 2,
      };
    }
    case 'reopened':
      return { reopenedIssues: entry, atLeast: 1 };
    case 'firstContactFailed': {
      const within = optional('within', entry['within']);
      return { failedFirstContacts: { lastIssues: entry['ofLast'], ...within }, atLeast: entry['atLeast'] };
    }
    case 'slaBreached': {
      const where = { 'ticket.slaMet': false, ...optional('ticket.slaMetric', entry['metric']) };
      return { count: { event: 'interaction', where, within: entry['within'] }, atLeast: 1 };
    }
    case 'csatAverage': {
      const where = { kind: 'csat', status: 'answered' };
      const values = optional('atLeastValues', entry['atLeastValues']);
      return { averageLast: { event: 'survey', where, of: 'score', n: entry['last'], ...values }, ...beside };
    }
    case 'npsClass':
      return anyOf(asList(body as string | readonly string[]).map((name) => npsClass(name, beside['maxAge'])));
    case 'sentimentTrend':
      return { trendLast: { event: 'interaction', where: INBOUND, of: 'sentiment', n: entry['n'] }, ...beside };
    case 'preferredChannel':
      return anyOf(asList(entry['is'] as string | readonly string[]).map((channel) => mostly(channel, entry)));
    case 'openCases': {
      const { where, within, ...asked } = entry;
      return { openIssues: { ...optional('where', where), ...optional('within', within) }, ...asked };
    }
    case 'escalated':
      return { count: { event: 'interaction', where: { kind: 'ticket_escalated' }, ...entry }, atLeast: 1 };
    case 'daysToRenewal':
      return renewal(entry['atMost'] as number);
    case 'lifetimeValue':
      return { score: CLV_MODEL, ...entry };
    case 'probabilityAlive':
      return { score: ALIVE_MODEL, lessThan: entry['below'], ...optional('maxAge', entry['maxAge']) };
  }
}

const NPS_RANGES: Readonly<Record<string, Entry>> = {
  detractor: { atMost: 6 },
  passive: { between: [7, 8] },
  promoter: { atLeast: 9 },
};

function npsClass(name: string, maxAge: unknown): Entry {
  const where = { kind: 'nps', status: 'answered' };
  return { last: { event: 'survey', where, of: 'score', ...optional('within', maxAge) }, ...NPS_RANGES[name] };
}

function mostly(channel: string, { within, minShare, atLeastContacts }: Entry): Entry {
  const share = { event: 'interaction', where: INBOUND, within, matching: { channel } };
  return { share: { ...share, ...optional('atLeastEvents', atLeastContacts) }, atLeast: minShare };
}

/** The paid period ends soon, and nobody has ended it already. */
function renewal(days: number): Entry {
  const renewable = { event: 'purchase', where: { kind: RENEWABLE } };
  const ended = { event: 'purchase', where: { kind: ['subscription_cancelled', 'subscription_expired'] } };
  return {
    all: [
      { date: { last: { ...renewable, of: 'subscription.currentPeriodEndsAt' } }, withinNext: `${days}d` },
      { noneSince: { ...ended, since: renewable } },
    ],
  };
}

function anyOf(conditions: readonly Entry[]): Entry {
  const [only, ...more] = conditions;
  return only !== undefined && more.length === 0 ? only : { any: conditions };
}

function optional(name: string, value: unknown): Entry {
  return value === undefined ? {} : { [name]: value };
}

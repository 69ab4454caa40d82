/**
 * The segmentation benchmark's job in Tributary's words: its 40 segments as authored definitions, its events as ours.
 * Completeness is `always`, every measure that needs a value is guarded by a lifetime count, so nothing is unknown.
 */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import type { InputEvent } from '../../services/core/domain/events/fact.ts';
import type { Channel } from '../../services/core/domain/events/header.ts';
import type { InteractionKind } from '../../services/core/domain/events/interaction.ts';
import { interaction, purchase, survey } from '../core/oracle/events.ts';

export type ReferenceRule =
  | { type: 'count'; of: 'contacts' | 'phoneContacts' | 'purchases'; windowMs: number; atLeast: number }
  | { type: 'sumAmount'; windowMs: number; atLeast: number }
  | { type: 'csatAverage'; lastN: number; atMostTenths: number; minAnswers: number }
  | { type: 'noPurchaseFor'; gapMs: number }
  | { type: 'distinctChannels'; windowMs: number; atLeast: number }
  | { type: 'lastNpsAtMost' | 'lastNpsAtLeast'; score: number }
  | { type: 'in'; segment: number }
  | { type: 'all' | 'any'; of: ReferenceRule[] }
  | { type: 'not'; of: ReferenceRule };

type Authored = Record<string, unknown>;

const EVENTS: Readonly<Record<'contacts' | 'phoneContacts' | 'purchases', Authored>> = {
  contacts: { event: 'interaction', where: { kind: 'contact' } },
  phoneContacts: { event: 'interaction', where: { kind: 'contact', channel: 'phone' } },
  purchases: { event: 'purchase' },
};
const CSAT = { event: 'survey', where: { kind: 'csat' } };
const NPS = { event: 'survey', where: { kind: 'nps' } };

export function referenceSegments(path: string): readonly Authored[] {
  const { segments } = JSON.parse(readFileSync(path, 'utf8')) as {
    segments: { id: number; name: string; rule: ReferenceRule }[];
  };
  const keyOf = (id: number): string => segments.find((segment) => segment.id === id)!.name;
  return segments.map(({ name, rule }) => ({ key: name, name, enter: translate(rule, keyOf) }));
}

function translate(rule: ReferenceRule, keyOf: (id: number) => string): Authored {
  switch (rule.type) {
    case 'count':
      return { count: { ...EVENTS[rule.of], within: `${rule.windowMs}ms` }, atLeast: rule.atLeast };
    case 'sumAmount':
      return { sum: { event: 'purchase', of: 'amountBaseMinor', within: `${rule.windowMs}ms` }, atLeast: rule.atLeast };
    case 'csatAverage':
      return guarded(CSAT, rule.minAnswers, {
        averageLast: { ...CSAT, of: 'score', n: rule.lastN },
        atMost: rule.atMostTenths / 10,
      });
    case 'noPurchaseFor':
      return guarded(EVENTS.purchases, 1, { timeSinceLast: EVENTS.purchases, atLeast: `${rule.gapMs}ms` });
    case 'distinctChannels':
      return {
        countDistinct: { event: 'interaction', of: 'channel', within: `${rule.windowMs}ms` },
        atLeast: rule.atLeast,
      };
    case 'lastNpsAtMost':
      return guarded(NPS, 1, { last: { ...NPS, of: 'score' }, atMost: rule.score });
    case 'lastNpsAtLeast':
      return guarded(NPS, 1, { last: { ...NPS, of: 'score' }, atLeast: rule.score });
    case 'in':
      return { segment: keyOf(rule.segment) };
    case 'all':
    case 'any':
      return { [rule.type]: rule.of.map((part) => translate(part, keyOf)) };
    case 'not':
      return { not: translate(rule.of, keyOf) };
  }
}

function guarded(events: Authored, atLeast: number, condition: Authored): Authored {
  return { all: [{ count: events, atLeast }, condition] };
}

/** The events of a generated file, in its order. */
export function referenceEvents(path: string): readonly InputEvent[] {
  const [, ...lines] = gunzipSync(readFileSync(path)).toString('utf8').trimEnd().split('\n');
  return lines.map((line) => {
    const [eventId, customerId, at, type, kind, channel, issueId, orderId, amount, currency, score] = line.split(
      ',',
    ) as [string, ...string[]];
    const header = { eventId, customerId: customerId!, occurredAt: Number(at) };
    if (type === 'interaction') {
      return interaction({
        ...header,
        kind: kind as InteractionKind,
        channel: channel as Channel,
        issueId: issueId === '' ? null : issueId!,
      });
    }
    if (type === 'survey') return survey({ ...header, kind: kind as 'csat' | 'nps', score: Number(score) });
    return purchase({
      ...header,
      orderId: orderId!,
      amountMinor: Number(amount),
      amountBaseMinor: Number(amount),
      currency: currency!,
    });
  });
}

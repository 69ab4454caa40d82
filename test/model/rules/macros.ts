/** What support asks every day in a word of its own; each expands to operators, and each is reached. */
import type { Chance } from '../chance.ts';
import type { Draft } from './draft.ts';
import { CHANNELS, type Authored } from './sources.ts';
import { hours } from './windows.ts';

const CLASSES = [
  ...['hibernating', 'at-risk', 'cant-lose', 'about-to-sleep', 'need-attention', 'loyal-customers', 'promising'],
  ...['new-customers', 'potential-loyalists', 'champions'],
] as const;

export function macro(draft: Draft): Authored {
  const { chance, tables } = draft;
  const ways: (readonly [number, () => Authored])[] = [
    [2, () => ({ repeatContact: { within: hours(chance), atLeast: 2, ...channel(chance) } })],
    [1, () => ({ reopened: { within: hours(chance) } })],
    [1, () => ({ firstContactFailed: { atLeast: 1, ofLast: chance.whole(1, 3) } })],
    [1, () => ({ slaBreached: { within: hours(chance), ...(chance.happens(0.5) ? { metric: 'first_reply' } : {}) } })],
    [1, () => ({ csatAverage: { last: 3, atLeastValues: 2 }, lessThan: 3 })],
    [1, () => ({ npsClass: chance.oneOf(['detractor', ['passive', 'promoter']]), ...maxAge(chance) })],
    [1, () => ({ sentimentTrend: { n: chance.whole(1, 2) }, atMost: -0.3 })],
    [2, () => ({ preferredChannel: preferred(chance) })],
    [1, () => ({ openCases: { atLeast: chance.whole(1, 2) } })],
    [1, () => ({ escalated: { within: hours(chance) } })],
    [1, () => ({ daysToRenewal: { atMost: chance.oneOf([1, 7, 30]) } })],
    [1, () => ({ lifetimeValue: chance.oneOf([{ atLeast: 1000 }, { lessThan: 3000 }]) })],
    [1, () => ({ probabilityAlive: { below: 0.4, ...maxAge(chance) } })],
  ];
  if (tables.includes('days') && tables.includes('orders')) ways.push([3, () => ({ rfmClass: rfm(chance) })]);
  return chance.oneWay(ways);
}

function channel(chance: Chance): Authored {
  return chance.happens(0.5) ? { channel: chance.oneOf(['phone', ['email', 'chat']]) } : {};
}

function maxAge(chance: Chance): Authored {
  return chance.happens(0.5) ? { maxAge: '30d' } : {};
}

function preferred(chance: Chance): Authored {
  return { is: chance.oneOf(CHANNELS), within: hours(chance), minShare: '60%', atLeastContacts: 2 };
}

function rfm(chance: Chance): Authored {
  const within = chance.oneOf(['168h', '30d', '365d']);
  return { is: chance.someOf(CLASSES, 1, 3), recency: 'days', frequency: 'orders', within };
}

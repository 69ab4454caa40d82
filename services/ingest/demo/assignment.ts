/**
 * Who is who in the demo. No public set holds contacts, purchases and surveys of the same people, so the three real
 * sets are joined by chance, from a seed, by the rules declared here. What is measured across the sets is therefore no
 * finding about anybody.
 */
import type { Channel } from '../../core/domain/events/header.ts';
import { seededRandom, type Random } from './random.ts';

/** A caller with more incidents is an account that many people use, not a customer: left out. */
export const CALLER_INCIDENTS_MAX = 100;
/** Survey answers are spread evenly over this many days before now. */
export const SURVEY_DAYS = 180;

/**
 * The desk logged 99.8 % of its incidents as phone calls, so its channels say nothing. Each customer gets a usual
 * channel; an issue comes by it with this probability, else by any of them.
 */
const USUAL_CHANNEL_SHARE = 0.75;
const CHANNEL_WEIGHTS = { phone: 40, email: 30, chat: 15, web: 15 } as const satisfies Partial<Record<Channel, number>>;
type DemoChannel = keyof typeof CHANNEL_WEIGHTS;

/** Traits no set has; invented, so that rules on traits have somebody to find. Country is real: the shop's. */
const PLAN_WEIGHTS = { basic: 70, advanced: 22, premium: 8 } as const;
export const PREFERENCE_KNOWN_SHARE = 0.4;
export const VULNERABLE_SHARE = 0.02;

export interface InventedTraits {
  readonly plan: keyof typeof PLAN_WEIGHTS;
  readonly usualChannel: DemoChannel;
  /** Whether the usual channel is also told as the trait `preferredChannel`. */
  readonly isPreferenceKnown: boolean;
  readonly isVulnerable: boolean;
}

export interface Assignment {
  /** One customer for each caller, nobody twice while there are enough customers. */
  customerOfCaller(caller: string): string;
  /** A customer drawn for each respondent; one customer may be several respondents, at different times. */
  customerOfRespondent(respondent: string): string;
  /** When a respondent answered, before now, ms. */
  answeredAgoMs(respondent: string): number;
  traitsOf(customer: string): InventedTraits;
  channelOfIssue(issue: string, customer: string): DemoChannel;
}

/** The same ids and seed give the same assignment, in whatever order the ids come. */
export function assign(
  ids: {
    readonly customers: readonly string[];
    readonly callers: readonly string[];
    readonly respondents: readonly string[];
    readonly issues: readonly string[];
  },
  seed: number,
): Assignment {
  const customers = [...ids.customers].sort();
  const perId = <T>(purpose: string, of: readonly string[], draw: (random: Random) => T): ReadonlyMap<string, T> => {
    const random = seededRandom(seed, purpose);
    return new Map([...of].sort().map((id) => [id, draw(random)]));
  };
  const order = seededRandom(seed, 'callers').shuffled(customers);
  const callers = new Map([...ids.callers].sort().map((caller, index) => [caller, order[index % order.length]!]));
  const respondents = perId('respondents', ids.respondents, (random) => random.pick(customers));
  const agoMs = perId('answers', ids.respondents, (random) => Math.floor(random.unit() * SURVEY_DAYS * 86_400_000));
  const traits = perId('traits', customers, (random) => ({
    plan: random.weighted(PLAN_WEIGHTS),
    usualChannel: random.weighted(CHANNEL_WEIGHTS),
    isPreferenceKnown: random.chance(PREFERENCE_KNOWN_SHARE),
    isVulnerable: random.chance(VULNERABLE_SHARE),
  }));
  const channels = perId('issues', ids.issues, (random) => ({
    isUsual: random.chance(USUAL_CHANNEL_SHARE),
    other: random.weighted(CHANNEL_WEIGHTS),
  }));
  return {
    customerOfCaller: (caller) => callers.get(caller)!,
    customerOfRespondent: (respondent) => respondents.get(respondent)!,
    answeredAgoMs: (respondent) => agoMs.get(respondent)!,
    traitsOf: (customer) => traits.get(customer)!,
    channelOfIssue: (issue, customer) => {
      const { isUsual, other } = channels.get(issue)!;
      return isUsual ? traits.get(customer)!.usualChannel : other;
    },
  };
}

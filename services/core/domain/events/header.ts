/** What all five inputs carry, and the enums they share. Field by field as in `schemas/avro`; a test compares the two. */

/** A declared custom field; 64-bit ids are strings. */
export type PropertyValue = null | boolean | number | string;

export interface EventHeader {
  /** Id of the event at its source; repeats of it are duplicates (C1). */
  readonly eventId: string;
  /** The connected system that sent it; not the source id of the rules, which is `customerId` as received. */
  readonly source: string;
  /** Set on imported history only (C2). */
  readonly importId: string | null;
  /** When it happened, ms UTC. */
  readonly occurredAt: number;
  /** When it arrived at ingest, ms UTC. */
  readonly receivedAt: number;
  /** Whom it is about, and the record key. */
  readonly customerId: string;
  readonly accountId: string | null;
  readonly properties: Readonly<Record<string, PropertyValue>>;
}

export const CHANNELS = [
  'phone',
  'email',
  'chat',
  'messaging',
  'sms',
  'social',
  'video',
  'in_person',
  'web',
  'app',
  'post',
  'other',
] as const;
export type Channel = (typeof CHANNELS)[number];

/** How a person was verified, never the biometric itself. */
export const VERIFICATIONS = ['none', 'password', 'one_time_code', 'voice', 'document', 'in_person'] as const;
export type Verification = (typeof VERIFICATIONS)[number];

/** The five inputs, in the order of the union in a fact. */
export const INPUTS = ['interactions', 'purchases', 'surveys', 'profiles', 'identities'] as const;
export type Input = (typeof INPUTS)[number];

/**
 * Classes of personal data: P pseudonym, D direct identifier, Q quasi-identifier, S special category, F free text,
 * E about an employee. D and F are sealed or dropped at ingest and are never readable by rules.
 */
export const PII_CLASSES = ['P', 'D', 'Q', 'S', 'F', 'E'] as const;
export type PiiClass = (typeof PII_CLASSES)[number];

/** A patch of what is known of a customer, or the order to erase it (C3). */
import type { EventHeader } from './header.ts';

export type ProfileKind = 'update' | 'erase';

export type TraitValue = null | boolean | number | string | readonly string[];

/** A number a model computed about the customer. */
export interface Score {
  readonly model: string;
  readonly version: string;
  readonly value: number;
  readonly low: number | null;
  readonly high: number | null;
  readonly computedAt: number;
  readonly expiresAt: number | null;
}

export interface Consent {
  readonly purpose: string;
  readonly granted: boolean;
  readonly basis: string | null;
}

/** Last writer by `occurredAt`, trait by trait. */
export interface Profile extends EventHeader {
  readonly kind: ProfileKind;
  readonly traits: Readonly<Record<string, TraitValue>>;
  /** Names of traits to take away. */
  readonly unset: readonly string[];
  /** Of the company of `accountId`, readable as `account.*`; kept per customer. */
  readonly accountTraits: Readonly<Record<string, TraitValue>>;
  readonly scores: readonly Score[];
  readonly consents: readonly Consent[];
}

/** Two ids are one person, or are not any more. */
import type { EventHeader, Verification } from './header.ts';

export const IDENTITY_ACTIONS = ['link', 'detach'] as const;

/** In the order of rank; email_hash, phone_hash and social are contact addresses. */
export const ID_KINDS = ['crm', 'login', 'loyalty', 'email_hash', 'phone_hash', 'social', 'device'] as const;
export type IdKind = (typeof ID_KINDS)[number];

export const LINK_METHODS = ['login', 'crm_match', 'support_agent', 'verified', 'import', 'rule'] as const;

export interface Identity extends EventHeader {
  /** `detach` takes one source id out again (I5). */
  readonly action: (typeof IDENTITY_ACTIONS)[number];
  readonly otherId: string;
  readonly idKind: IdKind;
  readonly otherIdKind: IdKind;
  readonly method: (typeof LINK_METHODS)[number];
  /** 0 to 1. */
  readonly confidence: number | null;
  readonly verification: Verification | null;
  readonly author: string | null;
  readonly reason: string | null;
}

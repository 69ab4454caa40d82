/** Two ids are one person, or are not any more. */
import type { EventHeader, Verification } from './header.ts';

/** In the order of rank; email_hash, phone_hash and social are contact addresses. */
export type IdKind = 'crm' | 'login' | 'loyalty' | 'email_hash' | 'phone_hash' | 'social' | 'device';

export interface Identity extends EventHeader {
  /** `detach` takes one source id out again (I5). */
  readonly action: 'link' | 'detach';
  readonly otherId: string;
  readonly idKind: IdKind;
  readonly otherIdKind: IdKind;
  readonly method: 'login' | 'crm_match' | 'support_agent' | 'verified' | 'import' | 'rule';
  /** 0 to 1. */
  readonly confidence: number | null;
  readonly verification: Verification | null;
  readonly author: string | null;
  readonly reason: string | null;
}

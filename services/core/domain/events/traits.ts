/**
 * The shipped dictionary of traits. Others may be declared; these have a type, a class of personal data and, where the law or
 * fairness asks for it, a mark as protected. Direct identifiers (D) are listed so that they are sealed; no rule reads them.
 */
import type { FieldType } from './fields.ts';
import type { PiiClass } from './header.ts';

export interface TraitSpec {
  /** `date`: a calendar day, YYYY-MM-DD. `instant`: ISO 8601 text or ms UTC. */
  readonly type: FieldType | 'date';
  readonly symbols?: readonly string[];
  readonly pii?: PiiClass;
  /** A treatment must not rest on protected traits alone. */
  readonly protected: boolean;
  readonly label: string;
}

type TraitType = TraitSpec['type'];

function family(pii: PiiClass | undefined, traits: Readonly<Record<string, readonly [TraitType, string, string[]?]>>) {
  return Object.fromEntries(
    Object.entries(traits).map(([name, [type, label, symbols]]): [string, TraitSpec] => [
      name,
      {
        type,
        label,
        protected: PROTECTED.has(name),
        ...(pii === undefined ? {} : { pii }),
        ...(symbols === undefined ? {} : { symbols }),
      },
    ]),
  );
}

const PROTECTED: ReadonlySet<string> = new Set([
  'birthday',
  'age',
  'gender',
  'maritalStatus',
  'incomeBand',
  'vulnerable',
  'vulnerabilityBasis',
  'accessibilityNeeds',
  'conditions',
]);

export const TRAITS: Readonly<Record<string, TraitSpec>> = {
  ...family('D', {
    name: ['string', 'name'],
    firstName: ['string', 'first name'],
    lastName: ['string', 'last name'],
    email: ['string', 'e-mail address'],
    phone: ['string', 'phone number'],
    username: ['string', 'user name'],
    'address.street': ['string', 'street'],
  }),
  ...family('Q', {
    birthday: ['date', 'birthday'],
    age: ['integer', 'age'],
    gender: ['string', 'gender'],
    maritalStatus: ['string', 'marital status'],
    profession: ['string', 'profession'],
    education: ['string', 'education'],
    incomeBand: ['string', 'income band'],
    'address.country': ['string', 'country'],
    'address.state': ['string', 'state'],
    'address.county': ['string', 'county'],
    'address.city': ['string', 'city'],
    'address.postalCode': ['string', 'postal code'],
    settlementType: ['enum', 'type of settlement', ['urban', 'suburban', 'rural']],
    climateZone: ['string', 'climate zone'],
    timezone: ['string', 'time zone'],
    language: ['string', 'language'],
    interests: ['set', 'interests'],
    values: ['set', 'values'],
    lifestyle: ['set', 'lifestyle'],
    personalityType: ['string', 'personality type'],
    attitude: ['string', 'attitude'],
    technicalLevel: ['enum', 'technical level', ['novice', 'intermediate', 'expert']],
    software: ['set', 'software'],
    products: ['set', 'products'],
    integrations: ['set', 'integrations'],
    plan: ['string', 'plan'],
    createdAt: ['instant', 'customer since'],
    loyaltyStatus: ['string', 'loyalty status'],
    loyaltyProgramId: ['string', 'loyalty programme'],
    accountType: ['string', 'account type'],
    accountBalanceBaseMinor: ['integer', 'account balance'],
    travelPreferences: ['set', 'travel preferences'],
  }),
  ...family(undefined, {
    preferredChannel: ['string', 'preferred channel'],
    preferredHours: ['string', 'preferred hours'],
    tone: ['enum', 'tone', ['formal', 'informal']],
    doNotContact: ['boolean', 'not to be contacted'],
  }),
  ...family('S', {
    vulnerable: ['boolean', 'vulnerable'],
    vulnerabilityBasis: ['string', 'basis of the vulnerability'],
    accessibilityNeeds: ['set', 'accessibility needs'],
    conditions: ['set', 'conditions'],
    careEndsAt: ['instant', 'end of care'],
  }),
  ...family('P', {
    'account.name': ['string', 'company name'],
    'account.industry': ['string', 'industry'],
    'account.employees': ['integer', 'employees'],
    'account.annualRevenueBaseMinor': ['integer', 'annual revenue of the company'],
    'account.contractValueBaseMinor': ['integer', 'contract value'],
    'account.plan': ['string', 'plan of the company'],
    'account.sla': ['string', 'service level agreement'],
    'account.region': ['string', 'region of the company'],
  }),
};

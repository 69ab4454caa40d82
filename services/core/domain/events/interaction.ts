/** Something a customer did or was sent: a contact, a ticket, a visit, an offer. */
import type { Channel, EventHeader, Verification } from './header.ts';

export const INTERACTION_KINDS = [
  'contact',
  'message',
  'contact_transferred',
  'contact_abandoned',
  'contact_ended',
  'ticket_opened',
  'ticket_answered',
  'ticket_updated',
  'ticket_escalated',
  'ticket_resolved',
  'ticket_reopened',
  'ticket_closed',
  'session_end',
  'page_view',
  'screen_view',
  'product_view',
  'cart_add',
  'checkout_started',
  'quote_requested',
  'search',
  'help_article_view',
  'feature_use',
  'error_shown',
  'sign_up',
  'sign_in',
  'review_posted',
  'outreach_sent',
  'outreach_opened',
  'outreach_clicked',
  'offer_shown',
  'offer_accepted',
  'offer_declined',
  'custom',
] as const;
export type InteractionKind = (typeof INTERACTION_KINDS)[number];

export const DIRECTIONS = ['none', 'inbound', 'outbound'] as const;
export const ACTORS = ['customer', 'agent', 'bot', 'system'] as const;
export const HANDLED_BY = ['none', 'agent', 'bot', 'self_service'] as const;
export const VISIBILITIES = ['public', 'private'] as const;
export const TICKET_STATUSES = ['new', 'open', 'pending', 'on_hold', 'solved', 'closed'] as const;
export const TICKET_TYPES = ['question', 'incident', 'problem', 'task', 'request', 'complaint'] as const;
export const PRIORITIES = ['low', 'normal', 'high', 'urgent'] as const;
/** Of urgency and complexity. */
export const LEVELS = ['low', 'medium', 'high'] as const;
export const DURATION_CLOCKS = ['calendar', 'business'] as const;
export const SLA_METRICS = ['first_reply', 'next_reply', 'resolution'] as const;
export const RESOLVED_BY = ['agent', 'bot', 'self_service', 'customer', 'automatic'] as const;
export const DEVICE_TYPES = ['desktop', 'mobile', 'tablet', 'tv', 'wearable', 'other'] as const;

/** Present on the contact kinds. Times in ms, cost in minor units of the workspace currency. */
export interface Contact {
  readonly queue: string | null;
  readonly team: string | null;
  readonly agentId: string | null;
  readonly transferredTo: string | null;
  readonly disposition: string | null;
  readonly waitMs: number | null;
  /** Talk, hold and after-contact work. */
  readonly handleMs: number | null;
  readonly holdMs: number | null;
  readonly afterContactMs: number | null;
  readonly costBaseMinor: number | null;
  readonly outsideBusinessHours: boolean | null;
  readonly treatments: readonly string[];
  readonly verification: Verification | null;
}

/** Present on the ticket kinds; what the source reports is used only where the events are missing. */
export interface Ticket {
  readonly status: (typeof TICKET_STATUSES)[number] | null;
  readonly type: (typeof TICKET_TYPES)[number] | null;
  readonly priority: (typeof PRIORITIES)[number] | null;
  readonly urgency: (typeof LEVELS)[number] | null;
  readonly complexity: (typeof LEVELS)[number] | null;
  readonly firstReplyMs: number | null;
  readonly resolutionMs: number | null;
  readonly durationClock: (typeof DURATION_CLOCKS)[number] | null;
  readonly slaMetric: (typeof SLA_METRICS)[number] | null;
  readonly slaTargetMs: number | null;
  readonly slaMet: boolean | null;
  readonly reopenCount: number | null;
  readonly reassignmentCount: number | null;
  readonly escalationLevel: number | null;
  readonly resolvedBy: (typeof RESOLVED_BY)[number] | null;
  readonly resolutionCode: string | null;
  readonly resolvedOnFirstContact: boolean | null;
}

export interface Digital {
  /** Without query string. */
  readonly path: string | null;
  readonly articleId: string | null;
  readonly errorCode: string | null;
  readonly checkoutId: string | null;
  readonly productCategory: string | null;
  /** Of a review, 1 to 5. */
  readonly rating: number | null;
}

export interface Device {
  readonly type: (typeof DEVICE_TYPES)[number];
  readonly os: string | null;
  readonly osVersion: string | null;
  readonly browser: string | null;
  readonly appVersion: string | null;
}

/** Where the contact took place; ISO 3166 codes, no coordinates, no IP address. */
export interface Place {
  readonly country: string | null;
  readonly state: string | null;
  readonly city: string | null;
  readonly storeId: string | null;
}

export interface Interaction extends EventHeader {
  readonly kind: InteractionKind;
  readonly channel: Channel;
  readonly platform: string | null;
  /** The source's own name of the event. */
  readonly name: string | null;
  readonly direction: (typeof DIRECTIONS)[number];
  readonly actor: (typeof ACTORS)[number];
  readonly handledBy: (typeof HANDLED_BY)[number];
  readonly visibility: (typeof VISIBILITIES)[number];
  readonly issueId: string | null;
  readonly conversationId: string | null;
  readonly sessionId: string | null;
  readonly category: string | null;
  readonly subcategory: string | null;
  readonly intent: string | null;
  readonly productId: string | null;
  readonly featureId: string | null;
  readonly campaignId: string | null;
  readonly offerId: string | null;
  readonly language: string | null;
  /** -1 to 1. */
  readonly sentiment: number | null;
  readonly sentimentModel: string | null;
  readonly durationMs: number | null;
  readonly text: string | null;
  readonly textLength: number | null;
  readonly contact: Contact | null;
  readonly ticket: Ticket | null;
  readonly digital: Digital | null;
  readonly device: Device | null;
  readonly place: Place | null;
}

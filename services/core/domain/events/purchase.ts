/** An order, a refund or a step in the life of a subscription. */
import type { Channel, EventHeader } from './header.ts';

export const PURCHASE_KINDS = [
  'order',
  'order_cancelled',
  'refund',
  'trial_started',
  'trial_ended',
  'subscription_started',
  'subscription_renewed',
  'subscription_upgraded',
  'subscription_downgraded',
  'subscription_cancelled',
  'subscription_expired',
  'invoice_paid',
  'payment_failed',
  'custom',
] as const;
export type PurchaseKind = (typeof PURCHASE_KINDS)[number];

export const SALE_TYPES = ['new', 'repeat', 'renewal', 'upsell', 'cross_sell', 'winback'] as const;

export interface Product {
  readonly productId: string;
  readonly sku: string | null;
  readonly name: string | null;
  readonly category: string | null;
  readonly brand: string | null;
  readonly quantity: number;
  /** Of one unit, minor units as charged. */
  readonly priceMinor: number | null;
}

export interface Subscription {
  readonly plan: string | null;
  readonly interval: string | null;
  readonly cancelReason: string | null;
  readonly seats: number | null;
  /** Per month, minor units of the workspace currency. */
  readonly recurringBaseMinor: number | null;
  /** False when a failed payment ended it. */
  readonly voluntary: boolean | null;
  readonly currentPeriodEndsAt: number | null;
  readonly trialEndsAt: number | null;
}

/**
 * Amounts are signed integers in minor units, net of tax and shipping: refunds and cancelled orders are negative. Revenue
 * is the sum over order, order_cancelled, refund and invoice_paid; all other kinds have 0.
 */
export interface Purchase extends EventHeader {
  readonly kind: PurchaseKind;
  readonly orderId: string | null;
  readonly originalOrderId: string | null;
  readonly subscriptionId: string | null;
  readonly checkoutId: string | null;
  readonly conversationId: string | null;
  readonly campaignId: string | null;
  readonly offerId: string | null;
  readonly amountMinor: number;
  /** ISO 4217. */
  readonly currency: string;
  /** Workspace currency; null without a rate of the day. */
  readonly amountBaseMinor: number | null;
  readonly marginBaseMinor: number | null;
  readonly totalMinor: number | null;
  readonly taxMinor: number | null;
  readonly shippingMinor: number | null;
  readonly discountMinor: number | null;
  readonly coupon: string | null;
  readonly channel: Channel;
  readonly storeId: string | null;
  readonly saleType: (typeof SALE_TYPES)[number] | null;
  readonly products: readonly Product[];
  /** Distinct, filled at ingest, for rules. */
  readonly productIds: readonly string[];
  readonly categories: readonly string[];
  readonly subscription: Subscription | null;
}

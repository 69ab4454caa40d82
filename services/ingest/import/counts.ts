import { INPUTS, type Input } from '../../core/domain/events/header.ts';

/**
 * What became of every row: rows = skipped (by reason) + rejected + unknownCustomer + silent + mapped, always, and of
 * every event: made = events (by input) + unchanged.
 */
export interface ImportCounts {
  /** Rows behind the header. */
  rows: number;
  /** Left out on purpose, by the reason the mapping gives. */
  readonly skipped: Record<string, number>;
  /** In the rejects file, one by one. */
  rejected: number;
  /** Rows, and the events they would have made, that name no customer. */
  unknownCustomer: number;
  unknownCustomerEvents: number;
  /** Rows that say nothing an event is made of. */
  silent: number;
  /** Rows that events were made of. */
  mapped: number;
  /** Events whose content did not change since the last one of that customer (`onlyChanges`). */
  unchanged: number;
  readonly events: Record<Input, number>;
  /** Purchases made whose amount is in another currency than the workspace's and has no base amount, by currency. */
  readonly withoutBaseAmount: Record<string, number>;
}

export function noCounts(): ImportCounts {
  return {
    ...{ rows: 0, skipped: {}, rejected: 0, unknownCustomer: 0, unknownCustomerEvents: 0 },
    ...{ silent: 0, mapped: 0, unchanged: 0 },
    withoutBaseAmount: {},
    events: Object.fromEntries(INPUTS.map((input) => [input, 0])) as Record<Input, number>,
  };
}

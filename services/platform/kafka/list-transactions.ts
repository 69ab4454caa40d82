/** ListTransactions v0 (Kafka 3.0): what one broker coordinates. Ids that we may not describe are left out by the broker. */
import type { Call } from './calls.ts';
import { compactCall } from './compact-wire.ts';

export const LIST_TRANSACTIONS = { api: 'ListTransactions', apiKey: 66, apiVersion: 0 } as const;

export interface ListedTransaction {
  readonly transactionalId: string;
  readonly producerId: number;
  /** Kafka's word: Empty, Ongoing, PrepareCommit, PrepareAbort, CompleteCommit, CompleteAbort, Dead. */
  readonly state: string;
}

export interface ListTransactionsAnswer {
  readonly errorCode: number;
  readonly transactions: readonly ListedTransaction[];
}

/** In whatever state, of whatever producer. */
export function listTransactionsCall(): Call<ListTransactionsAnswer> {
  return compactCall({
    ...LIST_TRANSACTIONS,
    write: (writer) => writer.compactArray([], () => undefined).compactArray([], () => undefined),
    read: (reader) => {
      reader.int32();
      const errorCode = reader.int16();
      reader.compactArray(() => reader.compactString());
      const transactions = reader.structures(() => ({
        transactionalId: reader.compactString() ?? '',
        producerId: reader.int64(),
        state: reader.compactString() ?? '',
      }));
      return { errorCode, transactions };
    },
  });
}

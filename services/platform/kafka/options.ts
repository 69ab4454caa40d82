/** What the log port on Kafka needs to know, as plain values: `configured-log.ts` makes them from the configuration. */
import type { OnStep } from '../log-port/steps.ts';
import type { Codec } from './codecs.ts';

export interface Tls {
  /** PEM; without it the system's authorities count. */
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
}

export type Sasl =
  | {
      readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512';
      readonly username: string;
      readonly password: string;
    }
  | { readonly mechanism: 'oauthbearer'; readonly oauthBearerProvider: () => Promise<{ readonly value: string }> };

export interface KafkaLogOptions {
  /** `host:port` of at least one broker; the others are learnt. */
  readonly brokers: readonly string[];
  readonly clientId: string;
  /** Put before every group and transactional id. */
  readonly idPrefix: string;
  readonly tls?: Tls | undefined;
  readonly sasl?: Sasl | undefined;
  /** For one connection, greeting included, ms. */
  readonly connectMs: number;
  /** For one answer, ms. */
  readonly requestMs: number;
  /** How long a call goes on trying, ms. */
  readonly retryMs: number;
  /** After this the broker aborts a transaction whose owner is silent, ms. */
  readonly transactionMs: number;
  /** After this a silent member loses its partitions, ms. */
  readonly sessionMs: number;
  /** How long a member may take to give partitions up, ms. */
  readonly rebalanceMs: number;
  /** Of topics created here; -1 = the broker's default. */
  readonly replicationFactor: number;
  readonly compression: Codec;
  readonly onStep?: OnStep;
  /** Told of trouble that is dealt with in the background. */
  readonly onFault?: (error: unknown) => void;
}

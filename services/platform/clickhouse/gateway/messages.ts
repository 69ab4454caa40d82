import type { FaultCode, Facts } from '../../../core/faults.ts';
import type { EngineLimits } from './engine.ts';
import type { Credentials } from './server.ts';

/** What the owner of the gateway's process tells it. The secrets travel here, where no list of processes shows them. */
export type ToGateway =
  | {
      readonly type: 'open';
      /** The engine's own directory. */
      readonly directory: string;
      /** 0 = any free port. */
      readonly port: number;
      readonly privateDatabase: string;
      readonly bodyBytesMax: number;
      readonly limits: EngineLimits;
      readonly credentials: Credentials;
    }
  | { readonly type: 'close' };

export type FromGateway =
  | { readonly type: 'ready'; readonly port: number }
  | { readonly type: 'failed'; readonly code: FaultCode; readonly message: string; readonly facts: Facts };

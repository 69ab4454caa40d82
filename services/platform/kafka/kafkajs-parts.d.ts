/**
 * Types of the inner modules of kafkajs 2.2.4 that are used here; the package has types for its front only. What is
 * declared is what `kafkajs-guard.ts` checks to be there, unchanged.
 */
declare module 'kafkajs/src/network/connection.js' {
  interface PushedRequest {
    readonly entry: {
      readonly apiKey: number;
      readonly apiName: string;
      readonly apiVersion: number;
      readonly correlationId: number;
      resolve(answer: { readonly payload: Buffer }): void;
      reject(error: unknown): void;
    };
    readonly expectResponse: boolean;
    readonly requestTimeout: number;
    sendRequest(): void;
  }
  type Versions = Readonly<Record<number, { readonly minVersion: number; readonly maxVersion: number }>>;
  export default class Connection {
    constructor(options: object);
    readonly clientId: string;
    readonly socket: { cork(): void; write(bytes: Uint8Array): boolean; uncork(): void; destroy(): void } | undefined;
    readonly requestQueue: { push(request: PushedRequest): void; maybeThrottle(ms: number): void };
    connect(): Promise<unknown>;
    disconnect(): Promise<unknown>;
    isConnected(): boolean;
    authenticate(): Promise<void>;
    isAuthenticated(): boolean;
    nextCorrelationId(): number;
    /** Throws KafkaJSConnectionError. */
    failIfNotConnected(): void;
    setVersions(versions: Versions): void;
    setSupportAuthenticationProtocol(supported: boolean): void;
    rejectRequests(error: Error): void;
  }
}

declare module 'kafkajs/src/network/requestQueue/index.js' {
  export default class RequestQueue {
    constructor(options: object);
    readonly pending: readonly unknown[];
    readonly throttledUntil: number;
    scheduleCheckPendingRequests(): void;
    destroy(): void;
  }
}

declare module 'kafkajs/src/network/socketFactory.js' {
  export default function socketFactory(): unknown;
}

declare module 'kafkajs/src/protocol/error.js' {
  const errors: {
    readonly errorCodes: readonly { readonly type: string; readonly code: number; readonly message: string }[];
  };
  export default errors;
}

declare module 'kafkajs/src/protocol/requests/index.js' {
  interface Coded {
    readonly request: { encode(): Promise<{ readonly buf: Buffer; readonly buffer: Buffer }> };
    readonly response: { decode(payload: Buffer): Promise<unknown> };
  }
  interface Definition {
    protocol(choice: { readonly version: number }): (parameters: object) => Coded;
  }
  const front: { readonly requests: Readonly<Record<string, Definition>> };
  export default front;
}

declare module 'kafkajs/src/consumer/assignerProtocol.js' {
  const protocol: {
    readonly MemberMetadata: {
      encode(metadata: { version: number; topics: readonly string[]; userData: Buffer }): Buffer;
      decode(buffer: Buffer): { readonly topics: readonly string[]; readonly userData: Buffer };
    };
    readonly MemberAssignment: {
      encode(of: {
        version: number;
        assignment: Readonly<Record<string, readonly number[]>>;
        userData: Buffer;
      }): Buffer;
      decode(buffer: Buffer): { readonly assignment: Readonly<Record<string, readonly number[]>> } | null;
    };
  };
  export default protocol;
}

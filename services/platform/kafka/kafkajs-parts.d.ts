/**
 * Types of the inner modules of kafkajs 2.2.4 that are used here; the package has types for its front only. What is
 * declared is what `kafkajs-guard.ts` checks to be there, unchanged.
 */
declare module 'kafkajs/src/network/connection.js' {
  interface Request {
    readonly apiKey: number;
    readonly apiVersion: number;
    readonly apiName: string;
    /** An encoder of kafkajs, or anything with these two. */
    encode(): Promise<{ readonly buf: Buffer; readonly buffer: Buffer }>;
  }
  interface Protocol<T> {
    readonly request: Request;
    readonly response: { decode(payload: Buffer): Promise<T>; parse(decoded: T): T };
    readonly requestTimeout?: number | null;
    readonly logResponseError?: boolean;
  }
  type Versions = Readonly<Record<number, { readonly minVersion: number; readonly maxVersion: number }>>;
  export default class Connection {
    constructor(options: object);
    readonly socket: { destroy(): void } | undefined;
    connect(): Promise<unknown>;
    disconnect(): Promise<unknown>;
    isConnected(): boolean;
    authenticate(): Promise<void>;
    setVersions(versions: Versions): void;
    setSupportAuthenticationProtocol(supported: boolean): void;
    rejectRequests(error: Error): void;
    send<T>(protocol: Protocol<T>): Promise<T>;
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

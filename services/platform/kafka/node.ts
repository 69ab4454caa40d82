/** A broker's address. */
export interface Node {
  /** -1 for an address that was given: who answers there is not known. */
  readonly id: number;
  readonly host: string;
  readonly port: number;
}

export function addressOf({ host, port }: Node): string {
  return `${host}:${port}`;
}

/** What keeps the local Kafka from doing what was asked, and what a person does about it. */
export class Trouble extends Error {
  override readonly name = 'Trouble';
  readonly next: string;

  constructor(message: string, next: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.next = next;
  }
}

/** Of an error nobody foresaw. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

import { StringDecoder } from 'node:string_decoder';

export interface InputLine {
  /** From 1. */
  readonly line: number;
  readonly words: string;
}

/** Longer lines are cut here, and then are no JSON: a stream without line ends must not fill the memory. */
const LINE_CHARACTERS_MAX = 4 * 1024 * 1024;

/** The lines of a stream, in the groups in which they arrive; ends early at the signal. */
export async function* linesOf(
  stream: NodeJS.ReadableStream,
  signal: AbortSignal,
): AsyncGenerator<readonly InputLine[]> {
  const decoder = new StringDecoder('utf8');
  const iterator: AsyncIterator<unknown, undefined> = stream[Symbol.asyncIterator]();
  const stopped = new Promise<{ done: true; value: undefined }>((resolve) => {
    signal.addEventListener('abort', () => resolve({ done: true, value: undefined }), { once: true });
  });
  let rest = '';
  let line = 0;
  while (!signal.aborted) {
    const { done, value } = await Promise.race([iterator.next(), stopped]);
    if (done === true) break;
    const words = rest + (typeof value === 'string' ? value : decoder.write(value as Buffer));
    const lines = words.split('\n');
    rest = lines.pop()!.slice(0, LINE_CHARACTERS_MAX);
    if (lines.length > 0) yield lines.map((each) => ({ line: ++line, words: each }));
  }
  rest += decoder.end();
  if (rest !== '' && !signal.aborted) yield [{ line: line + 1, words: rest }];
}

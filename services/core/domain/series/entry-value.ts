/**
 * A number, a text or nothing, as an entry of a series carries it. Texts repeat within a series (channels, issues): each is
 * written where it first occurs and named by its number afterwards.
 */
import type { ByteReader, ByteWriter } from './bytes.ts';

const NOTHING = 0;
const NUMBER = 1;
/** From here on the number of a text; the next unused one announces a new text. */
const TEXTS_FROM = 2;

/** The texts of one series in the order of their first occurrence. */
export class ValuesSeen {
  readonly texts: string[] = [];
  /** Made once there are several: most series hold few texts. */
  #numbers: Map<string, number> | undefined = undefined;

  /** Its number, or that of the next one if it is new; then it is seen. */
  numberOf(text: string): number {
    const known = this.#find(text);
    if (known >= 0) return known;
    this.#numbers?.set(text, this.texts.length);
    this.texts.push(text);
    return this.texts.length - 1;
  }

  #find(text: string): number {
    if (this.texts.length < 8) return this.texts.indexOf(text);
    this.#numbers ??= new Map(this.texts.map((one, number) => [one, number]));
    return this.#numbers.get(text) ?? -1;
  }
}

export function writeEntryValue(writer: ByteWriter, value: number | string | null, seen: ValuesSeen): void {
  if (value === null) {
    writer.byte(NOTHING);
  } else if (typeof value === 'number') {
    writer.byte(NUMBER);
    writer.signed(value);
  } else {
    const size = seen.texts.length;
    const number = seen.numberOf(value);
    writer.whole(TEXTS_FROM + number);
    if (number === size) writer.text(value);
  }
}

export function readEntryValue(reader: ByteReader, seen: ValuesSeen): number | string | null {
  const code = reader.whole();
  if (code === NOTHING) return null;
  if (code === NUMBER) return reader.signed();
  const known = seen.texts[code - TEXTS_FROM];
  if (known !== undefined) return known;
  const text = reader.text();
  seen.texts.push(text);
  return text;
}

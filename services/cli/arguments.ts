import { InvalidArgumentError } from 'commander';

/** Reads an option's value as a whole number of at least `min`. */
export function wholeNumber(min: number): (words: string) => number {
  return (words) => {
    const value = Number(words);
    if (!/^\d+$/.test(words) || !Number.isSafeInteger(value) || value < min) {
      throw new InvalidArgumentError(`It is a whole number, ${min} or more.`);
    }
    return value;
  };
}

export interface Place {
  readonly partition: number;
  readonly offset: number;
}

/** Reads a record's place, as `2:1017`. */
export function place(words: string): Place {
  const match = /^(\d{1,4}):(\d{1,15})$/.exec(words);
  if (match === null) throw new InvalidArgumentError('It is a partition and an offset, as 2:1017.');
  return { partition: Number(match[1]), offset: Number(match[2]) };
}

export function places(words: string, earlier: readonly Place[] = []): readonly Place[] {
  return [...earlier, place(words)];
}

/** The most frequent text of each tail of a list, made in one walk from the newest on. Of several that are equally frequent the most recent. */

interface Tally {
  readonly text: string;
  count: number;
  /** Where it occurs last. */
  readonly newest: number;
}

/** `tell` is called for every index, from the last down: the most frequent text from there on, null while there is none. */
export function eachTail(
  values: readonly (string | number | null)[],
  tell: (i: number, text: string | null) => void,
): void {
  const tallies = new Map<string, Tally>();
  let most: Tally | undefined;
  for (let i = values.length - 1; i >= 0; i--) {
    const value = values[i] ?? null;
    if (value !== null) {
      const text = String(value);
      let tally = tallies.get(text);
      if (tally === undefined) tallies.set(text, (tally = { text, count: 0, newest: i }));
      tally.count += 1;
      if (most === undefined || tally.count > most.count || (tally.count === most.count && tally.newest > most.newest))
        most = tally;
    }
    tell(i, most?.text ?? null);
  }
}

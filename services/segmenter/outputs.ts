/** The outputs of the segmenter's topology, by index; `main` lists their topics in this order. */
export const OUTPUT = { changes: 0, memberships: 1, facts: 2, deadLetters: 3 } as const;

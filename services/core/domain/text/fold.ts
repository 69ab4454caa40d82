/** Tests of texts, with case and accents or without them. No regular expressions: a rule is decided in time that its text bounds. */
import type { TextTest } from '../language/ast.ts';

/** Case and accents set aside: decomposed, without marks, lower case. */
export function fold(text: string): string {
  return text.normalize('NFD').replace(MARKS, '').toLowerCase();
}

const MARKS = /\p{M}/gu;

/** Values of a folded test are stored folded. One of several suffices; of `notSameText` none may be it. */
export function compileText(test: TextTest): (text: string) => boolean {
  const passes = compileExact(test);
  return test.folding === 'exact' ? passes : (text) => passes(fold(text));
}

function compileExact({ op, values }: TextTest): (text: string) => boolean {
  const same = new Set(values);
  switch (op) {
    case 'contains':
      return (text) => values.some((part) => text.includes(part));
    case 'startsWith':
      return (text) => values.some((part) => text.startsWith(part));
    case 'endsWith':
      return (text) => values.some((part) => text.endsWith(part));
    case 'sameText':
      return (text) => same.has(text);
    case 'notSameText':
      return (text) => !same.has(text);
  }
}

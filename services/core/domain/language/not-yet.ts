/**
 * What the design has and this version has not: refused by name, so that nobody takes it for a slip of the pen. A name leaves
 * this list when it comes into the authored form.
 */
const NAMES: ReadonlySet<string> = new Set(['account', 'hour', 'weekday', 'shadow']);

export function isNotYet(name: string): boolean {
  return NAMES.has(name);
}

export function notYet(name: string): string {
  return `"${name}" is not in the language yet`;
}

/** What a test came to: one datum for a program; for a person nothing if it passed, else what differs, and why. */
import type { Output, Paint } from '../output.ts';
import type { AuthoredFile } from './definition-files.ts';
import type { Expected, ExpectedTransition, TestCase } from './test-form.ts';
import type { Miss, Outcome } from './test-run.ts';

export function sayOutcome(
  output: Output,
  { file, key, placeOf }: AuthoredFile,
  { name, path }: TestCase,
  { misses, transitions }: Outcome,
): void {
  const place = { file, ...placeOf(path) };
  const passed = misses.length === 0 && transitions === null;
  if (output.json) {
    const differences = misses.map(({ expectation: { at }, key: about, expected, found, why }) => ({
      ...{ at, key: about, expected, found },
      why: why.map(({ inWords, conditions, ...one }) => ({ key: one.key, rule: one.rule, inWords, conditions })),
    }));
    output.datum({ ...place, key, test: name, passed, differences, transitions }, '');
    return;
  }
  if (passed) return;
  const { paint } = output;
  output.words(
    `${paint.red('failed')}  ${paint.bold(key)}: ${name}  ${paint.dim(`${file}:${place.line}:${place.column}`)}`,
  );
  for (const miss of misses) sayMiss(output, miss, placeOf(miss.expectation.path).line);
  if (transitions !== null) sayTransitions(output, transitions.expected, transitions.found);
  output.words();
}

function sayMiss(output: Output, { expectation, key, expected, found, why }: Miss, line: number): void {
  const { paint } = output;
  const isGroup = why.some(({ group }) => group !== null);
  output.words(`    at ${instant(expectation.at)} ${paint.dim(`(line ${line})`)}`);
  output.words(`      expected ${paint.green(inWords(key, expected, isGroup))}`);
  output.words(`      found    ${paint.red(inWords(key, found, isGroup))}`);
  if (why.length === 0) output.words('      because nothing was known of the customer yet');
  for (const segment of why) {
    if (why.length > 1) output.words(`      ${segment.key}${segment.member ? ', the one' : ''}`);
    const indent = why.length > 1 ? '        ' : '      ';
    for (const { truth, sentence, since } of segment.conditions) {
      const known = since === null ? '' : paint.dim(` (known from ${instant(since)} on)`);
      output.words(`${indent}${markOf(truth, paint)} ${sentence}${known}`);
    }
    const { kind, until } = segment.state;
    if (kind !== 'plain') output.words(`${indent}  ${kind}${until === null ? '' : ` until ${instant(until)}`}`);
  }
}

/** As a diff of the two lists: what was expected and did not happen, what happened and was not expected. */
function sayTransitions(
  output: Output,
  expected: readonly ExpectedTransition[],
  found: readonly ExpectedTransition[],
): void {
  const { paint } = output;
  output.words('    transitions');
  for (const { sign, text } of differenceOf(expected.map(transitionInWords), found.map(transitionInWords))) {
    const dress = sign === '-' ? paint.green : sign === '+' ? paint.red : paint.dim;
    const remark = sign === '-' ? '   expected, did not happen' : sign === '+' ? '   happened, not expected' : '';
    output.words(dress(`      ${sign} ${text}${remark}`));
  }
}

interface DifferenceLine {
  readonly sign: ' ' | '-' | '+';
  readonly text: string;
}

/** By the longest common subsequence; lists of transitions are short. */
export function differenceOf(expected: readonly string[], found: readonly string[]): readonly DifferenceLine[] {
  const common = Array.from({ length: expected.length + 1 }, () => new Array<number>(found.length + 1).fill(0));
  for (let i = expected.length - 1; i >= 0; i--) {
    for (let j = found.length - 1; j >= 0; j--) {
      const rest = Math.max(common[i + 1]![j]!, common[i]![j + 1]!);
      common[i]![j] = expected[i] === found[j] ? common[i + 1]![j + 1]! + 1 : rest;
    }
  }
  const lines: DifferenceLine[] = [];
  let i = 0;
  let j = 0;
  while (i < expected.length || j < found.length) {
    if (i < expected.length && j < found.length && expected[i] === found[j]) {
      lines.push({ sign: ' ', text: expected[i]! });
      i += 1;
      j += 1;
    } else if (j >= found.length || (i < expected.length && common[i + 1]![j]! >= common[i]![j + 1]!)) {
      lines.push({ sign: '-', text: expected[i]! });
      i += 1;
    } else {
      lines.push({ sign: '+', text: found[j]! });
      j += 1;
    }
  }
  return lines;
}

function transitionInWords({ at, what, cause }: ExpectedTransition): string {
  return `${instant(at)}  ${what}  ${cause}`;
}

function inWords(key: string, expected: Expected, isGroup: boolean): string {
  // A member of a group may be called so, too.
  if (expected === 'unknown' && !isGroup) return `that the rule of ${key} cannot tell`;
  if (typeof expected === 'string') return `${expected} of ${key}`;
  return expected ? `in ${key}` : `not in ${key}`;
}

function markOf(truth: 'true' | 'false' | 'unknown', paint: Paint): string {
  return { true: paint.green('+'), false: paint.dim('-'), unknown: paint.yellow('?') }[truth];
}

function instant(ms: number): string {
  return Number.isFinite(ms) ? new Date(ms).toISOString().replace('.000Z', 'Z') : 'never';
}

import { readFileSync } from 'node:fs';
import { LineCounter, parseDocument } from 'yaml';
import { Fault } from '../../core/faults.ts';
import { nearest } from '../../platform/config/nearest.ts';
import { MAPPING, type Mapping } from './mapping.ts';
import { Mistakes } from './mistakes.ts';

/** A mapping whose form is right; `mistakes` goes on collecting what only the file's header and our fields can tell. */
export interface ReadMapping {
  readonly mapping: Mapping;
  readonly text: string;
  readonly mistakes: Mistakes;
}

/** Throws NOT_FOUND without the file, MAPPING_INVALID with every mistake of form. */
export function readMapping(file: string): ReadMapping {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    throw new Fault('NOT_FOUND', `There is no mapping ${file}`, { facts: { file }, cause });
  }
  return parseMapping(file, text);
}

export function parseMapping(file: string, text: string): ReadMapping {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, merge: true });
  const mistakes = new Mistakes(file, document, lines);
  for (const error of document.errors) mistakes.addAtOffset(error.pos[0], error.message);
  mistakes.throwIfAny();
  const parsed = MAPPING.safeParse(document.toJS());
  if (parsed.success) return { mapping: parsed.data, text, mistakes };
  for (const issue of parsed.error.issues) {
    const path = issue.path.map((step) => (typeof step === 'symbol' ? String(step) : step));
    if (issue.code === 'unrecognized_keys') {
      for (const key of issue.keys) mistakes.add([...path, key], `unknown entry${meant(key, ENTRIES)}`);
    } else if (issue.code === 'invalid_value') {
      const given: unknown = document.getIn(path);
      const hint = typeof given === 'string' ? meant(given, issue.values.map(String)) : '';
      mistakes.add(path, `expected one of ${issue.values.join(', ')}${hint}`);
    } else mistakes.add(path, issue.message);
  }
  mistakes.throwIfAny();
  throw new Error('Invariant broken: zod refused the mapping without an issue');
}

const ENTRIES = [
  ...['name', 'about', 'source', 'timezone', 'file', 'tables', 'skip', 'rows', 'customerId', 'occurredAt', 'events'],
  ...['coverage', 'input', 'when', 'once', 'onlyChanges', 'kind', 'eventId', 'fields', 'delimiter', 'encoding'],
  ...['column', 'value', 'template', 'first', 'times', 'sum', 'min', 'max', 'count', 'distinct', 'list', 'records'],
  ...['stripPrefix', 'stripSuffix', 'case', 'missing', 'table', 'otherwise', 'split', 'date', 'zone', 'time'],
  ...['decimals', 'as', 'of', 'is', 'in', 'startsWith', 'atLeast', 'atMost', 'opening', 'changed', 'became', 'rises'],
  ...['previous', 'all', 'any', 'not', 'decimalMark', 'groupMark', 'kinds', 'since', 'group', 'history', 'at'],
  'identity',
];

function meant(key: string, known: readonly string[]): string {
  const near = nearest(key, known);
  return near === undefined || near === key ? '' : `; did you mean ${near}?`;
}

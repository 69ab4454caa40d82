/** Segment files: YAML, one or several documents each. All mistakes of all files are found in one go, with line and column. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { isNode, LineCounter, parseAllDocuments, type Document } from 'yaml';
import { Fault } from '../../core/faults.ts';
import type { SegmentDefinition } from '../../core/domain/language/ast.ts';
import { pathInWords, type Mistake } from '../../core/domain/language/mistakes.ts';
import { parseSegment } from '../../core/domain/language/parse.ts';

export interface AuthoredFile {
  readonly file: string;
  readonly line: number;
  readonly definition: SegmentDefinition;
  /** The authored form as canonical JSON: what is published and what versions are compared by. */
  readonly body: string;
}

/** Files of a directory (`*.yaml`, `*.yml`, in name order) or one file. Throws NOT_FOUND, DEFINITION_INVALID with every mistake. */
export function readDefinitionFiles(path: string): readonly AuthoredFile[] {
  const read: AuthoredFile[] = [];
  const mistakes: string[] = [];
  for (const file of filesIn(path)) readFile(file, read, mistakes);
  const seen = new Map<string, AuthoredFile>();
  for (const authored of read) {
    const other = seen.get(authored.definition.key);
    if (other !== undefined)
      mistakes.push(`${authored.file}:${authored.line}: the key ${authored.definition.key} is also in ${other.file}`);
    seen.set(authored.definition.key, authored);
  }
  if (mistakes.length > 0) {
    const count = `${mistakes.length} ${mistakes.length === 1 ? 'mistake' : 'mistakes'}`;
    throw new Fault('DEFINITION_INVALID', `${count} in the definitions of ${path}; nothing was published`, {
      mistakes,
    });
  }
  return read;
}

function filesIn(path: string): readonly string[] {
  try {
    if (!statSync(path).isDirectory()) return [path];
    const names = readdirSync(path).filter((name) => /\.ya?ml$/.test(name));
    return names.sort().map((name) => join(path, name));
  } catch (cause) {
    throw new Fault('NOT_FOUND', `There is no file or directory ${path}`, { facts: { file: path }, cause });
  }
}

function readFile(file: string, read: AuthoredFile[], mistakes: string[]): void {
  const lines = new LineCounter();
  const documents = parseAllDocuments(readFileSync(file, 'utf8'), { lineCounter: lines, uniqueKeys: true });
  if (!Array.isArray(documents)) return;
  for (const document of documents) {
    if (document.errors.length > 0) {
      mistakes.push(
        ...document.errors.map((error) => `${file}:${error.linePos?.[0].line ?? 1}: ${firstLine(error.message)}`),
      );
      continue;
    }
    const value: unknown = document.toJS();
    if (value === null) continue;
    const parsed = parseSegment(value);
    if (parsed.ok)
      read.push({ file, line: lineOf(document, [], lines), definition: parsed.definition, body: canonicalJson(value) });
    else mistakes.push(...parsed.mistakes.map((mistake) => inFile(file, document, lines, mistake)));
  }
}

function inFile(file: string, document: Document, lines: LineCounter, { path, message }: Mistake): string {
  const where = pathInWords(path);
  return `${file}:${lineOf(document, path, lines)}: ${where === '' ? '' : `${where}: `}${message}`;
}

/** The line of the deepest part of the path that is in the file. */
function lineOf(document: Document, path: readonly (string | number)[], lines: LineCounter): number {
  for (let length = path.length; length >= 0; length--) {
    const node: unknown = length === 0 ? document.contents : document.getIn(path.slice(0, length), true);
    if (isNode(node) && node.range) return lines.linePos(node.range[0]).line;
  }
  return 1;
}

function firstLine(text: string): string {
  return text.split('\n')[0]!.replace(/:$/, '');
}

/** Keys in order at every level, so that equal definitions are equal texts. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) => {
    if (typeof inner !== 'object' || inner === null || Array.isArray(inner)) return inner;
    return Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}

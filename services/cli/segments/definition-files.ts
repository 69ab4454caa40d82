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
  /** The line of the deepest part of a path that is in the file. */
  readonly lineOf: (path: Mistake['path']) => number;
  readonly definition: SegmentDefinition;
  /** The authored form as canonical JSON: what is published and what versions are compared by. */
  readonly body: string;
}

/** What a file or directory holds, the good and the bad. */
export interface DefinitionFiles {
  readonly files: readonly AuthoredFile[];
  readonly mistakes: readonly string[];
  /** In the place of definitions with mistakes: so that references to them are no mistakes as well. */
  readonly standIns: readonly AuthoredFile[];
}

/** Files of a directory (`*.yaml`, `*.yml`, in name order) or one file. Throws NOT_FOUND, DEFINITION_INVALID with every mistake. */
export function readDefinitionFiles(path: string): readonly AuthoredFile[] {
  const { files, mistakes } = lookAtDefinitionFiles(path);
  if (mistakes.length > 0) throw definitionsInvalid(path, mistakes);
  return files;
}

export function definitionsInvalid(path: string, mistakes: readonly string[]): Fault {
  const count = `${mistakes.length} ${mistakes.length === 1 ? 'mistake' : 'mistakes'}`;
  return new Fault('DEFINITION_INVALID', `${count} in the definitions of ${path}; nothing was published`, { mistakes });
}

/** As `readDefinitionFiles`, for whoever wants to find more mistakes before telling any. Throws NOT_FOUND. */
export function lookAtDefinitionFiles(path: string): DefinitionFiles {
  const found = { files: [] as AuthoredFile[], mistakes: [] as string[], standIns: [] as AuthoredFile[] };
  for (const file of filesIn(path)) readFile(file, found);
  const seen = new Map<string, AuthoredFile>();
  for (const authored of found.files) {
    const other = seen.get(authored.definition.key);
    if (other !== undefined)
      found.mistakes.push(
        `${authored.file}:${authored.line}: the key ${authored.definition.key} is also in ${other.file}`,
      );
    seen.set(authored.definition.key, authored);
  }
  return found;
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

function readFile(
  file: string,
  found: { readonly files: AuthoredFile[]; readonly mistakes: string[]; readonly standIns: AuthoredFile[] },
): void {
  const lines = new LineCounter();
  const documents = parseAllDocuments(readFileSync(file, 'utf8'), { lineCounter: lines, uniqueKeys: true });
  if (!Array.isArray(documents)) return;
  for (const document of documents) {
    if (document.errors.length > 0) {
      found.mistakes.push(
        ...document.errors.map((error) => `${file}:${error.linePos?.[0].line ?? 1}: ${firstLine(error.message)}`),
      );
      continue;
    }
    const value: unknown = document.toJS();
    if (value === null) continue;
    const parsed = parseSegment(value);
    const at = (path: Mistake['path']): number => lineOf(document, path, lines);
    const place = { file, line: at([]), lineOf: at };
    if (parsed.ok) found.files.push({ ...place, definition: parsed.definition, body: canonicalJson(value) });
    else {
      const located = parsed.mistakes.map((mistake) => ({ line: at(mistake.path), mistake }));
      located.sort((a, b) => a.line - b.line);
      found.mistakes.push(...located.map(({ line, mistake }) => inFile(file, line, mistake)));
      const standIn = standInFor(value);
      if (standIn !== undefined) found.standIns.push({ ...place, ...standIn });
    }
  }
}

/** Something valid under the same key, if it has one. */
function standInFor(value: unknown): Pick<AuthoredFile, 'definition' | 'body'> | undefined {
  const key: unknown = typeof value === 'object' && value !== null ? Reflect.get(value, 'key') : undefined;
  const harmless = { key, name: 'stands in', enter: { trait: 'plan', known: true } };
  const parsed = parseSegment(harmless);
  return parsed.ok ? { definition: parsed.definition, body: canonicalJson(harmless) } : undefined;
}

/** One mistake as it is told. */
export function inFile(file: string, line: number, { path, message }: Mistake): string {
  const where = pathInWords(path);
  return `${file}:${line}: ${where === '' ? '' : `${where}: `}${message}`;
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

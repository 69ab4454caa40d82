/**
 * Definition files: segments, groups and tables in YAML (one or several documents each) or JSON. All mistakes of all files are
 * found in one go, each with its place.
 */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { LineCounter, parseAllDocuments, type Document } from 'yaml';
import { Fault } from '../../core/faults.ts';
import type { CutTable, Definition } from '../../core/domain/language/ast.ts';
import type { Mistake } from '../../core/domain/language/mistakes.ts';
import { parseDefinition, parseTable } from '../../core/domain/language/parse.ts';
import { canonicalJson } from './canonical-json.ts';
import {
  byPlace,
  inFile,
  mistakeIn,
  placesIn,
  syntaxMistakes,
  type FileMistake,
  type PlaceOf,
} from './place-in-file.ts';
import { standInFor } from './stand-in.ts';

/** What a document defines. */
export type Authored =
  | { readonly kind: 'definition'; readonly definition: Definition }
  | { readonly kind: 'table'; readonly table: CutTable };

export interface AuthoredFile {
  readonly file: string;
  readonly line: number;
  readonly placeOf: PlaceOf;
  readonly key: string;
  readonly what: Authored;
  /** The authored form as canonical JSON, without its tests: what is published. */
  readonly body: string;
  /** As written; undefined where there are none. */
  readonly tests: unknown;
}

/** What a file or directory holds, the good and the bad. */
export interface DefinitionFiles {
  readonly files: readonly AuthoredFile[];
  readonly mistakes: readonly FileMistake[];
  /** In the place of definitions with mistakes: so that references to them are no mistakes as well. */
  readonly standIns: readonly AuthoredFile[];
}

interface Found {
  readonly files: AuthoredFile[];
  readonly mistakes: FileMistake[];
  readonly standIns: AuthoredFile[];
}

/** What rules mean where they leave it to the workspace. */
export interface WorkspaceTerms {
  /** IANA zone. */
  readonly zone: string;
}

/** Throws NOT_FOUND, DEFINITION_INVALID with every mistake. */
export function readDefinitionFiles(path: string, terms: WorkspaceTerms): readonly AuthoredFile[] {
  const { files, mistakes } = lookAtDefinitionFiles(path, terms);
  if (mistakes.length > 0) throw definitionsInvalid(path, mistakes);
  return files;
}

/** `outcome`: what did not happen because of them. */
export function definitionsInvalid(
  path: string,
  mistakes: readonly FileMistake[],
  outcome = 'nothing was published',
): Fault {
  const count = `${mistakes.length} ${mistakes.length === 1 ? 'mistake' : 'mistakes'}`;
  return new Fault('DEFINITION_INVALID', `${count} in the definitions of ${path}; ${outcome}`, {
    mistakes: mistakes.map(inFile),
  });
}

/** As `readDefinitionFiles`, for whoever wants to find more mistakes before telling any. Throws NOT_FOUND. */
export function lookAtDefinitionFiles(path: string, terms: WorkspaceTerms): DefinitionFiles {
  const found: Found = { files: [], mistakes: [], standIns: [] };
  for (const file of filesIn(path)) readFile(file, terms, found);
  const seen = new Map<string, AuthoredFile>();
  for (const authored of found.files) {
    const other = seen.get(authored.key);
    if (other !== undefined) {
      const message = `the key ${authored.key} is also in ${other.file}:${other.line}`;
      found.mistakes.push(mistakeIn(authored.file, authored.placeOf, { path: [], message }));
    }
    seen.set(authored.key, authored);
  }
  return found;
}

/** Names by key, as they are told; of a member of a group under GROUP/MEMBER, the group's beside it. */
export function namesOf(files: readonly AuthoredFile[]): ReadonlyMap<string, string> {
  return new Map(
    files.flatMap(({ what }): (readonly [string, string])[] => {
      if (what.kind === 'table') return [];
      const { definition } = what;
      const { key, name } = definition;
      if (definition.kind === 'segment') return [[key, name]];
      const members = definition.members.map((member) => [`${key}/${member.key}`, `${member.name} (${name})`] as const);
      return [[key, name], ...members];
    }),
  );
}

/** Files of a directory in name order (schemas are no definitions), or the one file. Throws NOT_FOUND. */
export function filesIn(path: string): readonly string[] {
  try {
    if (!statSync(path).isDirectory()) return [path];
    const names = readdirSync(path).filter((name) => /\.(ya?ml|json)$/.test(name) && !name.endsWith('.schema.json'));
    return names.sort().map((name) => join(path, name));
  } catch (cause) {
    throw new Fault('NOT_FOUND', `There is no file or directory ${path}`, { facts: { file: path }, cause });
  }
}

function readFile(file: string, terms: WorkspaceTerms, found: Found): void {
  const lines = new LineCounter();
  const documents = parseAllDocuments(readFileSync(file, 'utf8'), { lineCounter: lines, uniqueKeys: true });
  if (!Array.isArray(documents)) return;
  for (const document of documents) {
    const mistakes = readDocument(file, document, lines, terms, found);
    found.mistakes.push(...[...mistakes].sort(byPlace));
  }
}

function readDocument(
  file: string,
  document: Document.Parsed,
  lines: LineCounter,
  terms: WorkspaceTerms,
  found: Found,
): readonly FileMistake[] {
  if (document.errors.length > 0) return syntaxMistakes(file, document);
  const { tests, body: value } = withoutTests(document.toJS());
  if (value === null) return [];
  const placeOf = placesIn(document, lines);
  const place = { file, line: placeOf([]).line, placeOf };
  const parsed = parseAuthored(value, terms);
  if (parsed.ok) {
    found.files.push({ ...place, ...entryOf(parsed.what, value), tests });
    return [];
  }
  const harmless = standInFor(value);
  const standIn = parseAuthored(harmless, terms);
  if (standIn.ok) found.standIns.push({ ...place, ...entryOf(standIn.what, harmless), tests: undefined });
  return parsed.mistakes.map((mistake) => mistakeIn(file, placeOf, mistake));
}

type ParsedAuthored =
  { readonly ok: true; readonly what: Authored } | { readonly ok: false; readonly mistakes: readonly Mistake[] };

function parseAuthored(value: unknown, { zone }: WorkspaceTerms): ParsedAuthored {
  if (isRecord(value) && 'table' in value) {
    const parsed = parseTable(value);
    return parsed.ok ? { ok: true, what: { kind: 'table', table: parsed.table } } : parsed;
  }
  const parsed = parseDefinition(value, { zone });
  return parsed.ok ? { ok: true, what: { kind: 'definition', definition: parsed.definition } } : parsed;
}

function entryOf(what: Authored, value: unknown): Pick<AuthoredFile, 'key' | 'what' | 'body'> {
  const key = what.kind === 'table' ? what.table.key : what.definition.key;
  return { key, what, body: canonicalJson(value) };
}

/** Tests are no part of what is published: a better test is no new version. */
function withoutTests(value: unknown): { readonly tests: unknown; readonly body: unknown } {
  if (!isRecord(value)) return { tests: undefined, body: value };
  const { tests, ...body } = value;
  return { tests, body };
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

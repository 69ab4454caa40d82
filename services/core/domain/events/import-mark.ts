/**
 * The marks around imported history (C2). A mark is a record of an input topic without key and value; its headers say
 * what it is. The importer puts a `begin` on each partition of every input it imports before the first event, and an
 * `end` behind the last.
 */
import type { Input } from './header.ts';

const IMPORT_MARK_HEADER = 'tributary-import';
const BODY_HEADER = 'tributary-import-body';

/** Since when an input's feed of some kinds is whole: ms UTC, or without a beginning. */
export interface DeclaredCoverage {
  readonly input: Input;
  readonly kinds: '*' | readonly string[];
  readonly since: number | 'always';
}

export interface ImportMark {
  readonly mark: 'begin' | 'end';
  /** As in the header field `importId` of the events between the marks. */
  readonly importId: string;
  /** The input whose topic the mark stands on. */
  readonly input: Input;
  /** What the end mark moves completeness back to; only entries of this input. */
  readonly coverage: readonly DeclaredCoverage[];
}

/** As the log's headers are; the domain does not know the log. */
interface MarkHeader {
  readonly key: string;
  readonly value: Uint8Array | null;
}

export function importMarkHeaders({ mark, ...body }: ImportMark): readonly MarkHeader[] {
  const text = new TextEncoder();
  return [
    { key: IMPORT_MARK_HEADER, value: text.encode(mark) },
    { key: BODY_HEADER, value: text.encode(JSON.stringify(body)) },
  ];
}

/** Undefined for headers that are no mark of ours, or a damaged one. Only a record without value can be a mark. */
export function parseImportMark(headers: readonly MarkHeader[]): ImportMark | undefined {
  const mark = textOf(headers, IMPORT_MARK_HEADER);
  const body = textOf(headers, BODY_HEADER);
  if ((mark !== 'begin' && mark !== 'end') || body === undefined) return undefined;
  try {
    const { importId, input, coverage } = JSON.parse(body) as Omit<ImportMark, 'mark'>;
    return typeof importId === 'string' && Array.isArray(coverage) ? { mark, importId, input, coverage } : undefined;
  } catch {
    return undefined;
  }
}

function textOf(headers: readonly MarkHeader[], key: string): string | undefined {
  const value = headers.find((header) => header.key === key)?.value;
  return value === null || value === undefined ? undefined : new TextDecoder().decode(value);
}

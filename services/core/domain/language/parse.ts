/**
 * From authored definitions (plain data) to the syntax tree. All mistakes of a definition are found in one go; a rule that
 * cannot be evaluated exactly within the bounds is refused with the reason, no part of it is ever dropped.
 */
import type { z } from 'zod';
import type { CutTable, Definition } from './ast.ts';
import {
  authoredGroup,
  authoredSegment,
  authoredTable,
  type AuthoredGroup,
  type AuthoredSegment,
} from './authored/definitions.ts';
import { mendedGroup, mendedSegment } from './mended.ts';
import type { Mistake } from './mistakes.ts';
import { groupOf, segmentOf, tableOf } from './parse/definitions.ts';
import { Parsing } from './parse/parsing.ts';
import { rawMistakes, structuralMistakes } from './structure.ts';

type Refused = { readonly ok: false; readonly mistakes: readonly Mistake[] };
export type Parsed = { readonly ok: true; readonly definition: Definition } | Refused;
export type ParsedTable = { readonly ok: true; readonly table: CutTable } | Refused;

export interface ParseOptions {
  /** IANA name of the workspace's time zone: what a date or a calendar means that names none. */
  readonly zone: string;
}

/** A segment, or a group where there is an entry `group`. */
export function parseDefinition(input: unknown, options: ParseOptions): Parsed {
  const raw = rawMistakes(input);
  if (raw.length > 0) return { ok: false, mistakes: raw };
  const p = new Parsing(options.zone);
  const isGroup = typeof input === 'object' && input !== null && 'group' in input;
  const form = isGroup ? authoredGroup.safeParse(input) : authoredSegment.safeParse(input);
  // With mistakes of form, what is right or can be made so is looked at for mistakes of meaning too.
  const whole = form.success ? form.data : isGroup ? mendedGroup(input) : mendedSegment(input);
  const definition = isGroup ? groupOf(p, whole as AuthoredGroup) : segmentOf(p, whole as AuthoredSegment);
  if (form.success && p.mistakes.length === 0) return { ok: true, definition };
  return { ok: false, mistakes: [...formMistakes(form, input), ...p.mistakes] };
}

/** A table of cut-offs (D5). */
export function parseTable(input: unknown): ParsedTable {
  const raw = rawMistakes(input);
  if (raw.length > 0) return { ok: false, mistakes: raw };
  const form = authoredTable.safeParse(input);
  if (!form.success) return { ok: false, mistakes: formMistakes(form, input) };
  const p = new Parsing('UTC');
  const table = tableOf(p, form.data);
  return p.mistakes.length === 0 ? { ok: true, table } : { ok: false, mistakes: p.mistakes };
}

function formMistakes(form: z.ZodSafeParseResult<unknown>, input: unknown): readonly Mistake[] {
  return form.success ? [] : structuralMistakes(form.error.issues, input);
}

/** `segments fmt`: definition files in one form; comments and meaning stay. */
import { readFileSync, writeFileSync } from 'node:fs';
import { LineCounter, parseAllDocuments } from 'yaml';
import { Fault } from '../../core/faults.ts';
import { counted } from '../text.ts';
import type { CliContext } from '../verb.ts';
import { definitionsInvalid, filesIn } from './definition-files.ts';
import { formatYaml } from './format.ts';
import { syntaxMistakes, type FileMistake } from './place-in-file.ts';

/** `check`: only say which files would change. Throws DEFINITION_INVALID before anything is written, CHECK_FAILED. */
export function formatFiles({ output }: CliContext, path: string, { check }: { readonly check: boolean }): void {
  const files = filesIn(path).map((file) => ({ file, text: readFileSync(file, 'utf8') }));
  const mistakes = files.flatMap(({ file, text }) => unreadable(file, text));
  if (mistakes.length > 0) throw definitionsInvalid(path, mistakes, 'nothing was written');
  const changed = files
    .map(({ file, text }) => ({ file, before: text, after: formatted(file, text) }))
    .filter(({ before, after }) => before !== after);
  for (const { file, after } of changed) {
    output.datum({ file, changed: true }, file);
    if (!check) writeFileSync(file, after);
  }
  const of = `${changed.length} of ${counted(files.length, 'file')}`;
  if (check && changed.length > 0)
    throw new Fault('CHECK_FAILED', `${of} would be written otherwise`, { next: 'Run `tributary segments fmt`.' });
  output.talk(check ? 'All files are as they should be.' : `${of} written.`);
}

function formatted(file: string, text: string): string {
  if (!file.endsWith('.json')) return formatYaml(text);
  return `${JSON.stringify(JSON.parse(text) as unknown, null, 2)}\n`;
}

function unreadable(file: string, text: string): readonly FileMistake[] {
  const documents = parseAllDocuments(text, { lineCounter: new LineCounter(), uniqueKeys: true });
  return Array.isArray(documents) ? documents.flatMap((document) => syntaxMistakes(file, document)) : [];
}

/** `segments validate`: every mistake of some files, and what each definition costs; no log is asked. */
import type { Definition } from '../../core/domain/language/ast.ts';
import { Catalogue } from '../../core/domain/language/catalogue.ts';
import { reportOf, type DefinitionReport } from '../../core/domain/language/report.ts';
import type { Config } from '../../platform/config/options.ts';
import type { Output } from '../output.ts';
import { counted, formatBytes } from '../text.ts';
import type { CliContext } from '../verb.ts';
import { misfitsOf } from './apply.ts';
import { definitionsInvalid, type AuthoredFile } from './definition-files.ts';
import { gather } from './gather.ts';
import { mistakeIn } from './place-in-file.ts';
import { touchedInWords } from './report-words.ts';
import { readTests } from './test-form.ts';

/** Throws DEFINITION_INVALID with all mistakes, NOT_FOUND. */
export function validateSegments({ output }: CliContext, config: Config, path: string): void {
  const { timezone, currency } = config.workspace;
  const { asked, around } = gather([path], { zone: timezone });
  const all = {
    files: [...asked.files, ...around.files],
    standIns: [...asked.standIns, ...around.standIns],
    mistakes: [],
  };
  const ofTests = asked.files.flatMap(({ key, tests, file, placeOf }) =>
    readTests(key, tests, { currency }).mistakes.map((mistake) => mistakeIn(file, placeOf, mistake)),
  );
  const names = new Set([...asked.files, ...asked.standIns].map(({ file }) => file));
  // Of what lies around only what the asked ones make impossible is of interest.
  const misfits = misfitsOf(all, new Catalogue({ zone: timezone })).filter(({ file }) => names.has(file));
  const mistakes = [...asked.mistakes, ...ofTests, ...misfits];
  sayReports(output, reportsOf(asked.files, all.files));
  if (mistakes.length > 0) throw definitionsInvalid(path, mistakes, 'nothing of it can be published');
  const tables = asked.files.filter(({ what }) => what.kind === 'table').length;
  const also = tables === 0 ? '' : ` and ${counted(tables, 'table')}`;
  output.talk(`${counted(asked.files.length - tables, 'definition')}${also}, no mistake.`);
}

interface Row {
  readonly file: string;
  readonly kind: Definition['kind'];
  readonly report: DefinitionReport;
}

function reportsOf(asked: readonly AuthoredFile[], all: readonly AuthoredFile[]): readonly Row[] {
  const others = all.flatMap(({ what }) => (what.kind === 'definition' ? [what.definition] : []));
  return asked.flatMap(({ file, what }): readonly Row[] => {
    if (what.kind === 'table') return [];
    const { definition } = what;
    return [{ file, kind: definition.kind, report: reportOf(definition, others) }];
  });
}

function sayReports(output: Output, rows: readonly Row[]): void {
  if (output.json) {
    for (const { file, kind, report } of rows) output.datum({ file, kind, ...report }, '');
    return;
  }
  if (rows.length === 0) return;
  output.table<Row>(
    [
      { title: 'DEFINITION', cell: ({ report }) => report.key, paint: (words, _row, paint) => paint.bold(words) },
      { title: 'COST', cell: ({ report }) => report.cost },
      { title: 'STATE', cell: ({ report }) => formatBytes(report.stateBytes.typical), align: 'right' },
      { title: 'AT MOST', cell: ({ report }) => formatBytes(report.stateBytes.bound), align: 'right' },
      { title: 'TIMERS', cell: ({ report }) => String(report.timers), align: 'right' },
      { title: 'SERIES', cell: ({ report }) => String(report.series.length), align: 'right' },
      {
        title: 'SHARED',
        cell: ({ report }) => String(report.series.filter(({ sharedWith }) => sharedWith.length > 0).length),
        align: 'right',
      },
      { title: 'TOUCHED BY', cell: ({ report }) => touchedInWords(report), elastic: true },
    ],
    rows,
  );
  const notes = new Set(rows.flatMap(({ report }) => report.precision));
  output.words();
  for (const note of notes) output.words(output.paint.dim(note));
}

import type { ImportedFiles } from '../../ingest/import/import-progress.ts';
import type { Config } from '../../platform/config/options.ts';

/** The command that goes on with an import, to be copied into a shell. */
export function importCommand(from: ImportedFiles | undefined, { data, log }: Config): string {
  if (from === undefined) return 'the same `tributary import` as before';
  const where = log.kind === 'embedded' ? ` --data ${quoted(data.directory)}` : '';
  return `\`tributary import ${quoted(from.file)} --map ${quoted(from.mapping)}${where}\``;
}

function quoted(path: string): string {
  return /^[\w./:@%+=-]+$/.test(path) ? path : `'${path.replaceAll("'", String.raw`'\''`)}'`;
}

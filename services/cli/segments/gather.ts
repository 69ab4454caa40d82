/** Definitions that somebody asks about, together with those of the same directories that they rest on. */
import { statSync } from 'node:fs';
import { dirname } from 'node:path';
import { usersOf } from '../../core/domain/language/references.ts';
import { namesIn } from './apply-plan.ts';
import {
  filesIn,
  lookAtDefinitionFiles,
  type AuthoredFile,
  type DefinitionFiles,
  type WorkspaceTerms,
} from './definition-files.ts';

export interface Gathered {
  /** Of the paths themselves. */
  readonly asked: DefinitionFiles;
  /** What the asked ones rest on beside them; `standIns` and `mistakes` are of those that are needed. */
  readonly around: DefinitionFiles;
}

/** `alsoNamed`: keys an authored definition names beside its rules. Throws NOT_FOUND. */
export function gather(
  paths: readonly string[],
  terms: WorkspaceTerms,
  alsoNamed: (authored: AuthoredFile) => readonly string[] = () => [],
): Gathered {
  const asked = joined(paths.map((path) => lookAtDefinitionFiles(path, terms)));
  const own = new Set(paths.flatMap(filesIn));
  const directories = new Set(paths.filter((path) => !statSync(path).isDirectory()).map((path) => dirname(path)));
  const nearby = joined([...directories].map((directory) => lookAtDefinitionFiles(directory, terms)));
  const beside = <T extends { readonly file: string }>(list: readonly T[]): T[] =>
    list.filter(({ file }) => !own.has(file));
  const candidates = new Map([...beside(nearby.files), ...beside(nearby.standIns)].map((one) => [one.key, one]));
  for (const { key } of [...asked.files, ...asked.standIns]) candidates.delete(key);
  const needed = new Set<AuthoredFile>();
  const open = [...asked.files];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    for (const key of [...namesIn(next.what), ...tablesOf(next), ...alsoNamed(next)]) {
      const found = candidates.get(key);
      if (found === undefined || needed.has(found)) continue;
      needed.add(found);
      open.push(found);
    }
  }
  const standIns = nearby.standIns.filter((one) => needed.has(one));
  const broken = new Set(standIns.map(({ file }) => file));
  return {
    asked,
    around: {
      files: nearby.files.filter((one) => needed.has(one)),
      standIns,
      mistakes: nearby.mistakes.filter(({ file }) => broken.has(file)),
    },
  };
}

function tablesOf({ what }: AuthoredFile): readonly string[] {
  return what.kind === 'table' ? [] : usersOf([what.definition]).cuts.map(({ table }) => table);
}

function joined(parts: readonly DefinitionFiles[]): DefinitionFiles {
  return {
    files: parts.flatMap(({ files }) => files),
    mistakes: parts.flatMap(({ mistakes }) => mistakes),
    standIns: parts.flatMap(({ standIns }) => standIns),
  };
}

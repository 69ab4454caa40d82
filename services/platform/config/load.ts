/**
 * Flag over environment over file over default; every value remembers where it came from, and all mistakes of all
 * sources are reported in one fault.
 */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { Fault } from '../../core/faults.ts';
import { OPTIONS, type Option } from './option-list.ts';
import { CONFIG, contradictions, type Config } from './options.ts';
import { environmentSource, fileSource, flagSource, strangers } from './sources.ts';
import type { Flag, Given, Origin } from './sources.ts';
import { parseAmount } from './units.ts';

export const DEFAULT_FILE = 'tributary.yaml';

export interface OptionValue {
  readonly option: Option;
  readonly value: string | number | boolean | null;
  readonly origin: Origin;
  /** The value as it may be shown to anybody: secrets masked. */
  readonly shown: string;
}

export interface LoadedConfig {
  readonly config: Config;
  /** In the order of the declarations. */
  readonly values: readonly OptionValue[];
  /** The file that was read; null when there was none. */
  readonly file: string | null;
  /** What looks like a slip but is none for certain. */
  readonly notes: readonly string[];
}

export interface ConfigSources {
  readonly flags?: readonly Flag[];
  /** Named by the person; without it `tributary.yaml` in the working directory is read if it is there. */
  readonly file?: string | undefined;
  readonly environment?: NodeJS.ProcessEnv;
  readonly workingDirectory?: string;
}

/** Throws CONFIG_INVALID with every mistake of every source. */
export function loadConfig(sources: ConfigSources = {}): LoadedConfig {
  const workingDirectory = sources.workingDirectory ?? process.cwd();
  const environment = sources.environment ?? process.env;
  const file = fileOf(sources.file ?? environment['TRIBUTARY_CONFIG'], workingDirectory);
  const ordered = [
    flagSource(sources.flags ?? [], workingDirectory),
    environmentSource(environment, workingDirectory),
    ...(file === null ? [] : [fileSource(file, workingDirectory)]),
  ];
  const mistakes = ordered.flatMap((source) => source.mistakes);
  const values: OptionValue[] = [];
  for (const option of OPTIONS) {
    // What a stronger source hides is judged too: it would bite on the day the stronger one goes.
    const judged = ordered.flatMap((source) => {
      const given = source.given.get(option.key);
      return given === undefined ? [] : [judge(option, given)];
    });
    mistakes.push(...judged.flatMap((result) => ('mistake' in result ? [result.mistake] : [])));
    const first = judged[0] ?? judge(option, standard(option, workingDirectory));
    if ('value' in first) values.push(first);
  }
  if (mistakes.length > 0) throw invalid(mistakes);
  const config = CONFIG.parse(nest(values));
  const contradicted = contradictions(config).map(({ key, message }) => {
    const place = values.find(({ option }) => option.key === key)?.origin.place ?? 'default';
    return `${place}: ${key} ${message}`;
  });
  if (contradicted.length > 0) throw invalid(contradicted);
  return { config, values, file, notes: strangers(environment) };
}

function fileOf(named: string | undefined, workingDirectory: string): string | null {
  if (named !== undefined && named !== '') return named;
  return existsSync(resolve(workingDirectory, DEFAULT_FILE)) ? DEFAULT_FILE : null;
}

function standard(option: Option, workingDirectory: string): Given {
  return { value: option.facts.default, origin: { kind: 'default', place: 'default' }, base: workingDirectory };
}

function judge(option: Option, given: Given): OptionValue | { readonly mistake: string } {
  const { facts, schema, key } = option;
  const result = schema.safeParse(typeof given.value === 'string' ? fromWords(given.value, option) : given.value);
  if (!result.success) {
    const got = facts.secret ? '' : `, not ${JSON.stringify(given.value)}`;
    const unit = facts.unit === null || facts.unit === 'port' ? '' : ` (${facts.unit})`;
    return { mistake: `${given.origin.place}: ${key} must be ${facts.range}${unit}${got}` };
  }
  const data = result.data as OptionValue['value'];
  const value = facts.path && data !== null ? resolve(given.base, String(data)) : data;
  const shown = value === null ? 'unset' : facts.secret ? '********' : String(value);
  return { option, origin: given.origin, value, shown };
}

/** The words of a flag or variable as the type wants them; what does not fit stays as it is and is refused. */
function fromWords(words: string, { facts, schema }: Option): unknown {
  if (words === 'null' && schema.safeParse(null).success) return null;
  return facts.unit === null ? words : (parseAmount(words, facts.unit) ?? words);
}

function nest(values: readonly OptionValue[]): Record<string, unknown> {
  const root: Record<string, unknown> = {};
  for (const { option, value } of values) {
    const parts = option.key.split('.');
    let section = root;
    for (const part of parts.slice(0, -1)) section = (section[part] ??= {}) as Record<string, unknown>;
    section[parts.at(-1)!] = value;
  }
  return root;
}

function invalid(mistakes: readonly string[]): Fault {
  const count = mistakes.length === 1 ? 'one mistake' : `${mistakes.length} mistakes`;
  return new Fault('CONFIG_INVALID', `The configuration has ${count}`, { mistakes });
}

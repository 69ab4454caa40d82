/**
 * Where values come from: flags, the environment, a file. Each source answers with what was given and where exactly;
 * judging the values is `load.ts`.
 */
import { readFileSync } from 'node:fs';
import { basename, dirname, relative, resolve } from 'node:path';
import { isMap, isScalar, LineCounter, parseDocument, type Node } from 'yaml';
import { OPTIONS, OPTIONS_BY_KEY, SECTIONS, type Option } from './option-list.ts';
import { nearest } from './nearest.ts';

export interface Origin {
  readonly kind: 'flag' | 'environment' | 'file' | 'default';
  /** The flag, the variable, or file and line; for people. */
  readonly place: string;
}

/** A value as it was given: not judged yet. */
export interface Given {
  readonly value: unknown;
  readonly origin: Origin;
  /** What a relative path in it counts from. */
  readonly base: string;
}

export interface Source {
  readonly given: ReadonlyMap<string, Given>;
  readonly mistakes: readonly string[];
}

/** One option set on the command line; `place` is the flag as the person wrote it. */
export interface Flag {
  readonly key: string;
  readonly value: string;
  readonly place: string;
}

const FILE_SUFFIX = 'File';

export function flagSource(flags: readonly Flag[], workingDirectory: string): Source {
  const given = new Map<string, Given>();
  const mistakes: string[] = [];
  for (const { key, value, place } of flags) {
    take(key, { value, origin: { kind: 'flag', place }, base: workingDirectory }, given, mistakes);
  }
  return { given, mistakes };
}

/** An empty variable counts as unset. Variables of ours that name no option are left to `strangers`. */
export function environmentSource(environment: NodeJS.ProcessEnv, workingDirectory: string): Source {
  const given = new Map<string, Given>();
  const mistakes: string[] = [];
  for (const { key, variable, facts } of OPTIONS) {
    const names = facts.secret
      ? [
          [key, variable],
          [`${key}${FILE_SUFFIX}`, `${variable}_FILE`],
        ]
      : [[key, variable]];
    for (const [name, from] of names as [string, string][]) {
      const value = environment[from];
      if (value === undefined || value === '') continue;
      take(name, { value, origin: { kind: 'environment', place: from }, base: workingDirectory }, given, mistakes);
    }
  }
  return { given, mistakes };
}

/**
 * Variables that look like ours but name no option, with what was probably meant. Only notes, never mistakes:
 * Kubernetes puts `TRIBUTARY_SERVICE_HOST` and its like into the environment of every pod.
 */
export function strangers(environment: NodeJS.ProcessEnv): readonly string[] {
  const known = OPTIONS.flatMap(({ variable, facts }) => (facts.secret ? [variable, `${variable}_FILE`] : [variable]));
  return Object.keys(environment)
    .filter((name) => name.startsWith('TRIBUTARY_') && name !== 'TRIBUTARY_CONFIG' && !known.includes(name))
    .flatMap((name) => {
      const meant = nearest(name, known);
      return meant === undefined ? [] : [`${name} names no option; did you mean ${meant}?`];
    });
}

/** YAML, and therefore JSON too. */
export function fileSource(path: string, workingDirectory: string): Source {
  const file = resolve(workingDirectory, path);
  const shown = shortest(file, workingDirectory);
  let words: string;
  try {
    words = readFileSync(file, 'utf8');
  } catch (error) {
    return { given: new Map(), mistakes: [`${shown}: cannot be read (${reasonOf(error)})`] };
  }
  const lines = new LineCounter();
  const document = parseDocument(words, { lineCounter: lines, prettyErrors: false });
  const place = (offset: number | undefined): string =>
    offset === undefined ? shown : `${shown}:${lines.linePos(offset).line}`;
  const mistakes = document.errors.map((error) => `${place(error.pos[0])}: ${error.message}`);
  const given = new Map<string, Given>();
  const walk = (node: unknown, prefix: string): void => {
    if (!isMap(node)) {
      if (node !== null)
        mistakes.push(`${place(startOf(node))}: ${prefix || 'the file'} must be a section with options`);
      return;
    }
    for (const { key: keyNode, value } of node.items) {
      const name = String(isScalar(keyNode) ? keyNode.value : keyNode);
      const key = prefix === '' ? name : `${prefix}.${name}`;
      if (SECTIONS.has(key)) walk(isScalar(value) && value.value === null ? null : value, key);
      else {
        const origin: Origin = { kind: 'file', place: place(startOf(keyNode)) };
        const plain: unknown = isScalar(value) ? value.value : document.createNode(value).toJSON();
        take(key, { value: plain, origin, base: dirname(file) }, given, mistakes);
      }
    }
  };
  if (mistakes.length === 0) walk(document.contents, '');
  return { given, mistakes };
}

/** Puts one value into the source: unknown names are mistakes, files of secrets are read. */
function take(key: string, value: Given, given: Map<string, Given>, mistakes: string[]): void {
  const { place } = value.origin;
  const secretKey = key.endsWith(FILE_SUFFIX) ? key.slice(0, -FILE_SUFFIX.length) : undefined;
  const option: Option | undefined = OPTIONS_BY_KEY.get(key) ?? OPTIONS_BY_KEY.get(secretKey ?? '');
  if (option === undefined || (option.key !== key && !option.facts.secret)) {
    const meant = nearest(key, [...OPTIONS_BY_KEY.keys()]);
    mistakes.push(`${place}: ${key} is no option${meant === undefined ? '' : `; did you mean ${meant}?`}`);
    return;
  }
  const earlier = given.get(option.key);
  if (earlier !== undefined && option.facts.secret && earlier.origin.place !== place) {
    mistakes.push(`${place}: ${option.key} is already given by ${earlier.origin.place}; give one of them`);
    return;
  }
  if (option.key === key) {
    given.set(key, value);
    return;
  }
  const path = resolve(value.base, String(value.value));
  try {
    const content = readFileSync(path, 'utf8').replace(/\r?\n$/, '');
    given.set(option.key, { ...value, value: content });
  } catch (error) {
    mistakes.push(`${place}: ${key} names ${basename(path)}, which cannot be read (${reasonOf(error)})`);
  }
}

function startOf(node: unknown): number | undefined {
  return (node as Partial<Node> | null)?.range?.[0];
}

function shortest(file: string, workingDirectory: string): string {
  const short = relative(workingDirectory, file);
  return short.startsWith('..') ? file : short;
}

function reasonOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error);
}

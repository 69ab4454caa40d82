/** Conditions: by the key that names their form. */
import type { Condition } from '../ast.ts';
import { CONDITION_KEYS, type FormKey } from '../authored/conditions.ts';
import { MACROS, type MacroKey } from '../authored/macros.ts';
import { MEASURES, type MeasureKey } from '../authored/measures.ts';
import { BOUNDS } from '../authored.ts';
import { isLeaf } from '../series-identity.ts';
import { contradictionIn } from '../validate/contradictions.ts';
import { comparison } from './comparisons.ts';
import { dateCondition } from './dates.ts';
import { eventFilter } from './filters.ts';
import { writtenOut } from './macros.ts';
import type { Entry, Parsing, Path } from './parsing.ts';
import { bucketCondition, scoreCondition, segmentCondition, tierCondition } from './references.ts';
import { rfmCondition } from './rfm.ts';
import { traitCondition } from './traits.ts';

/** `entry` has the right form. A rule of more conditions than are allowed is a mistake as well. */
export function rule(p: Parsing, entry: Entry, path: Path): Condition {
  const condition = conditionOf(p, entry, path, 1);
  const nodes = size(condition);
  if (nodes > BOUNDS.nodes) p.mistake(path, `the rule has ${nodes} conditions, at most ${BOUNDS.nodes} are allowed`);
  return condition;
}

function size(condition: Condition): number {
  if (isLeaf(condition)) return 1;
  return condition.kind === 'not' ? 1 + size(condition.of) : condition.of.reduce((sum, part) => sum + size(part), 1);
}

/** With a mistake where it says nothing, unless something in it is wrong already. */
function conditionOf(p: Parsing, entry: Entry, path: Path, depth: number): Condition {
  const before = p.mistakes.length;
  const condition = parsed(p, entry, path, depth);
  const contradiction = p.mistakes.length > before ? undefined : contradictionIn(condition);
  if (contradiction !== undefined) p.mistake(path, contradiction);
  return condition;
}

function parsed(p: Parsing, entry: Entry, path: Path, depth: number): Condition {
  if (depth > BOUNDS.depth) {
    p.mistake(path, `conditions are nested deeper than ${BOUNDS.depth}`);
    return { kind: 'all', of: [] };
  }
  const key = CONDITION_KEYS.find((name) => name in entry)!;
  const inner = (part: unknown, ...steps: Path): Condition =>
    conditionOf(p, part as Entry, [...path, key, ...steps], depth + 1);
  const list = (parts: unknown, ...steps: Path): readonly Condition[] =>
    (parts as readonly unknown[]).map((part, index) => inner(part, ...steps, index));
  const body = entry[key] as Entry;
  if (key === 'all' || key === 'any') return { kind: key, of: list(body) };
  if (key === 'not') return { kind: 'not', of: inner(body) };
  if (key === 'none') return Array.isArray(body) ? noneOf(list(body)) : absence(p, body, [...path, key]);
  if (key === 'atLeastOf') {
    const [n, of] = [body['n'] as number, list(body['of'], 'of')];
    if (n > of.length) p.mistake([...path, key, 'n'], `asks for ${n} of ${of.length} conditions`);
    return { kind: 'atLeastOf', n, of };
  }
  if (isMeasureKey(key)) return comparison(p, key, entry, path);
  if (!isMacroKey(key)) return leaf(p, key, entry, path);
  if (key === 'rfmClass') return rfmCondition(p, body, [...path, key]);
  const beside = Object.fromEntries(Object.entries(entry).filter(([name]) => name !== key));
  return conditionOf(p, writtenOut(key, body, beside), [...path, key], depth);
}

function isMeasureKey(key: FormKey): key is MeasureKey {
  return Object.hasOwn(MEASURES, key);
}

function isMacroKey(key: FormKey): key is MacroKey {
  return Object.hasOwn(MACROS, key);
}

/** In the canonical form none of several is that not any of them holds. */
function noneOf(parts: readonly Condition[]): Condition {
  const [only] = parts;
  return { kind: 'not', of: parts.length === 1 && only !== undefined ? only : { kind: 'any', of: parts } };
}

function absence(p: Parsing, body: Entry, path: Path): Condition {
  return {
    kind: 'none',
    filter: eventFilter(p, body, path),
    ms: p.window(body['within'] as string, [...path, 'within']),
  };
}

type LeafKey = Exclude<FormKey, MeasureKey | MacroKey | 'all' | 'any' | 'not' | 'none' | 'atLeastOf'>;

function leaf(p: Parsing, key: LeafKey, entry: Entry, path: Path): Condition {
  const body = entry[key] as Entry;
  const inside: Path = [...path, key];
  switch (key) {
    case 'segment':
      return segmentCondition(p, entry, path);
    case 'tier':
      return tierCondition(p, entry, path);
    case 'bucket':
      return bucketCondition(p, body, inside);
    case 'consent':
      p.bounded([entry[key] as string], inside);
      return { kind: 'consent', purpose: entry[key] as string };
    case 'trait':
      return traitCondition(p, entry, path);
    case 'date':
      return dateCondition(p, entry, path);
    case 'score':
      return scoreCondition(p, entry[key] as string, entry, path);
    case 'never':
      return { kind: 'never', filter: eventFilter(p, body, inside) };
    case 'noneSince': {
      const since = eventFilter(p, body['since'] as Entry, [...inside, 'since']);
      return { kind: 'noneSince', filter: eventFilter(p, body, inside), since };
    }
  }
}

/** Conditions on other segments and groups, consent, chance and scores of models. What they refer to is checked by the catalogue. */
import type { Condition, SegmentTest, TierTest } from '../ast.ts';
import { numberCondition, SCORE_UNIT } from './number-tests.ts';
import { asList, sorted, type Entry, type Parsing, type Path } from './parsing.ts';

function single<T extends string>(
  p: Parsing,
  entry: Entry,
  names: readonly T[],
  path: Path,
  needed: boolean,
): T | undefined {
  const given = names.filter((name) => entry[name] !== undefined);
  if (given.length > 1) p.mistake(path, `has ${given.join(' and ')}; join two conditions with all`);
  if (given.length === 0 && needed) p.mistake(path, `needs one of ${names.join(', ')}`);
  return given[0];
}

export function segmentCondition(p: Parsing, entry: Entry, path: Path): Condition {
  const key = entry['segment'] as string;
  p.bounded([key], [...path, 'segment']);
  const [group, member] = key.split('/');
  if (member !== undefined)
    p.mistake([...path, 'segment'], `a member of a group is asked for with tier: ${group}, is: ${member}`);
  const op = single(p, entry, ['for', 'enteredWithin', 'leftWithin'], path, false);
  if (op === undefined) return { kind: 'segment', key, test: { op: 'in' } };
  const ms = p.window(entry[op] as string, [...path, op]);
  const test: SegmentTest = op === 'for' ? { op: 'inFor', ms } : { op, ms };
  return { kind: 'segment', key, test };
}

export function tierCondition(p: Parsing, entry: Entry, path: Path): Condition {
  const group = entry['tier'] as string;
  const op = single(p, entry, ['is', 'isNot', 'atLeast', 'movedUpWithin', 'movedDownWithin'], path, true) ?? 'is';
  const tier = (test: TierTest): Condition => ({ kind: 'tier', group, test });
  switch (op) {
    case 'is':
    case 'isNot': {
      const members = sorted(asList((entry[op] ?? []) as string | readonly string[]));
      const is = tier({ op: 'is', members });
      return op === 'is' ? is : { kind: 'not', of: is };
    }
    case 'atLeast':
      return tier({ op, member: entry[op] as string });
    case 'movedUpWithin':
    case 'movedDownWithin': {
      const ms = p.window(entry[op] as string, [...path, op]);
      return tier({ op: op === 'movedUpWithin' ? 'movedUp' : 'movedDown', ms });
    }
  }
}

export function bucketCondition(p: Parsing, { seed, from, to }: Entry, path: Path): Condition {
  const hundredths = (value: unknown, name: string): number => {
    const whole = Math.round((value as number) * 100);
    if (Math.abs(whole / 100 - (value as number)) > 1e-9) p.mistake([...path, name], 'has more than two decimals');
    return whole;
  };
  const [low, high] = [hundredths(from, 'from'), hundredths(to, 'to')];
  if (low >= high) p.mistake(path, `nobody is between ${low / 100} and ${high / 100} percent`);
  p.bounded([seed as string], [...path, 'seed']);
  return { kind: 'bucket', seed: seed as string, from: low, to: high };
}

export function scoreCondition(p: Parsing, model: string, entry: Entry, path: Path): Condition {
  p.bounded([model], path);
  const maxAgeMs = entry['maxAge'] === undefined ? null : p.span(entry['maxAge'] as string, [...path, 'maxAge']);
  return numberCondition(p, entry, SCORE_UNIT, path, (test) => ({ kind: 'score', model, test, maxAgeMs }));
}

/** What definitions refer to: other segments, groups and their members, cut-off tables. Checked at the fold (D1). */
import type { Condition, CutTable, Definition, Membership } from './ast.ts';
import { BOUNDS } from './authored.ts';
import { didYouMean, type Mistake } from './mistakes.ts';
import { leavesIn } from './series-identity.ts';

export interface Fit {
  readonly definitions: readonly Definition[];
  readonly tables: ReadonlyMap<string, CutTable>;
}

interface Reference {
  /** Key of the segment or group. */
  readonly key: string;
  readonly kind: 'segment' | 'group';
  /** Members a rule names. */
  readonly members: readonly string[];
}

interface Cut {
  readonly table: string;
  readonly percentile: number;
}

/** The rules of a definition: of a segment one, of a group one for each member but the default. */
function rulesOf(definition: Definition): readonly Membership[] {
  if (definition.kind === 'segment') return [definition];
  return definition.members;
}

export function conditionsOf(definition: Definition): readonly Condition[] {
  return rulesOf(definition).flatMap(({ enter, stay }) => (stay === null ? [enter] : [enter, stay]));
}

/** Keys of the segments and groups a definition refers to, each once. */
export function referencesOf(definition: Definition): readonly string[] {
  return [...new Set(allReferences(definition).map(({ key }) => key))];
}

function allReferences(definition: Definition): readonly Reference[] {
  return conditionsOf(definition)
    .flatMap(leavesIn)
    .flatMap((leaf): Reference[] => {
      if (leaf.kind === 'segment') return [{ key: leaf.key, kind: 'segment', members: [] }];
      if (leaf.kind !== 'tier') return [];
      const { test } = leaf;
      const members = test.op === 'is' ? test.members : test.op === 'atLeast' ? [test.member] : [];
      return [{ key: leaf.group, kind: 'group', members }];
    });
}

function cutsOf(definition: Definition): readonly Cut[] {
  return conditionsOf(definition)
    .flatMap(leavesIn)
    .flatMap((leaf) => {
      if (leaf.kind !== 'compare' && leaf.kind !== 'score') return [];
      const { against } = leaf.test;
      return against?.kind === 'cut' ? [{ table: against.table, percentile: against.percentile }] : [];
    });
}

/** Who refers to what. */
export function usersOf(definitions: readonly Definition[]): {
  readonly references: readonly (Reference & { readonly user: string })[];
  readonly cuts: readonly (Cut & { readonly user: string })[];
} {
  return {
    references: definitions.flatMap((one) => allReferences(one).map((reference) => ({ ...reference, user: one.key }))),
    cuts: definitions.flatMap((one) => cutsOf(one).map((cut) => ({ ...cut, user: one.key }))),
  };
}

/** What of a definition does not fit the live ones, and what of theirs would not fit it. */
export function misfitsOf(definition: Definition, fit: Fit): readonly Mistake[] {
  const others = new Map(fit.definitions.map((one) => [one.key, one]));
  others.set(definition.key, definition);
  return [
    ...missing(definition, others),
    ...missingCuts(definition, fit.tables),
    ...loops(definition, others),
    ...lostMembers(definition, fit.definitions),
  ];
}

function missing(definition: Definition, others: ReadonlyMap<string, Definition>): Mistake[] {
  return allReferences(definition).flatMap(({ key, kind, members }): Mistake[] => {
    const target = others.get(key);
    const names = [...others.values()].filter((one) => one.kind === kind).map((one) => one.key);
    if (target === undefined)
      return [{ path: pathOf(definition), message: `there is no live ${kind} ${key}${didYouMean(key, names)}` }];
    if (target.kind !== kind) {
      const instead = kind === 'segment' ? `is a group; ask for its tier` : `is no group`;
      return [{ path: pathOf(definition), message: `${key} ${instead}` }];
    }
    if (target.kind === 'segment') return [];
    const known = target.members.map((member) => member.key);
    return members
      .filter((member) => !known.includes(member))
      .map((member) => ({
        path: pathOf(definition),
        message: `${key} has no member ${member}${didYouMean(member, known)}`,
      }));
  });
}

function missingCuts(definition: Definition, tables: ReadonlyMap<string, CutTable>): Mistake[] {
  return cutsOf(definition).flatMap(({ table, percentile }): Mistake[] => {
    const found = tables.get(table);
    if (found === undefined)
      return [
        { path: pathOf(definition), message: `there is no table ${table}${didYouMean(table, [...tables.keys()])}` },
      ];
    if (found.cuts.has(percentile)) return [];
    const message = `table ${table} has no percentile ${percentile}, only ${[...found.cuts.keys()].join(', ')}`;
    return [{ path: pathOf(definition), message }];
  });
}

function loops(definition: Definition, others: ReadonlyMap<string, Definition>): Mistake[] {
  const mistakes: Mistake[] = [];
  const walk = (from: Definition, trail: readonly string[]): void => {
    for (const next of referencesOf(from)) {
      const way = [...trail, next].join(' -> ');
      if (next === definition.key) mistakes.push({ path: pathOf(definition), message: `refers to itself: ${way}` });
      else if (trail.length > BOUNDS.referenceDepth) {
        mistakes.push({
          path: pathOf(definition),
          message: `references are deeper than ${BOUNDS.referenceDepth}: ${way}`,
        });
      } else {
        const target = others.get(next);
        if (target !== undefined) walk(target, [...trail, next]);
      }
    }
  };
  walk(definition, [definition.key]);
  return mistakes;
}

function lostMembers(definition: Definition, others: readonly Definition[]): Mistake[] {
  if (definition.kind !== 'group') return [];
  const known = new Set(definition.members.map(({ key }) => key));
  const { references } = usersOf(others.filter(({ key }) => key !== definition.key));
  return references
    .filter(({ key }) => key === definition.key)
    .flatMap(({ user, members }) =>
      members
        .filter((member) => !known.has(member))
        .map((member) => ({ path: ['members'], message: `${user} refers to the member ${member}` })),
    );
}

function pathOf(definition: Definition): readonly string[] {
  return [definition.kind === 'segment' ? 'enter' : 'members'];
}

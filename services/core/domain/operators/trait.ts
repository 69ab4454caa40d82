/** Tests of traits: three-valued, a trait that is not known is unknown to every test but `known`. */
import type { TraitValue } from '../events/profile.ts';
import type { LeafCondition, TraitTest } from '../language/ast.ts';
import { compileText } from '../text/fold.ts';
import { compileVersion } from '../text/version.ts';
import { settle } from './candidates.ts';
import { FALSE, TRUE, UNKNOWN, type LeafOperator, type TruthCode } from './operator.ts';

export type TraitJudge = (value: TraitValue | undefined) => TruthCode;

export function traitOperator({ trait, test }: Extract<LeafCondition, { kind: 'trait' }>): LeafOperator {
  const truthOf = compileTrait(test);
  return {
    judge: (view, verdict) => settle(verdict, truthOf(view.trait(trait))),
    value: (view) => traitInWords(view.trait(trait)),
  };
}

/** Numbers as they are, everything else as text; null where it is not known. */
export function traitInWords(value: TraitValue | undefined): number | string | null {
  if (value === undefined || value === null) return null;
  if (typeof value === 'number' || typeof value === 'string') return value;
  return typeof value === 'boolean' ? String(value) : value.join(', ');
}

function compileTrait(test: TraitTest): TraitJudge {
  switch (test.op) {
    case 'known':
      return (value) => truth(isKnown(value) === test.expected);
    case 'in':
    case 'notIn': {
      const values = new Set<unknown>(test.values);
      const expected = test.op === 'in';
      return (value) => (isKnown(value) ? truth(values.has(value) === expected) : UNKNOWN);
    }
    case 'atLeast':
      return numeric((value) => value >= test.value);
    case 'atMost':
      return numeric((value) => value <= test.value);
    case 'moreThan':
      return numeric((value) => value > test.value);
    case 'lessThan':
      return numeric((value) => value < test.value);
    case 'has':
      return ofSet((set) => test.values.some((value) => set.includes(value)));
    case 'hasAll':
      return ofSet((set) => test.values.every((value) => set.includes(value)));
    case 'hasNone':
      return ofSet((set) => !test.values.some((value) => set.includes(value)));
    case 'size':
      return ofSet((set) => set.length >= test.low && set.length <= test.high);
    case 'version': {
      const passes = compileVersion(test);
      return ofText(passes);
    }
    case 'contains':
    case 'startsWith':
    case 'endsWith':
    case 'sameText':
    case 'notSameText':
      return ofText(compileText(test));
  }
}

// What is asked of a number, a text or a set says nothing of a trait that is none.

function numeric(holds: (value: number) => boolean): TraitJudge {
  return (value) => (typeof value === 'number' && !Number.isNaN(value) ? truth(holds(value)) : UNKNOWN);
}

function ofText(passes: (text: string) => boolean | undefined): TraitJudge {
  return (value) => {
    const passed = typeof value === 'string' ? passes(value) : undefined;
    return passed === undefined ? UNKNOWN : truth(passed);
  };
}

function ofSet(holds: (set: readonly string[]) => boolean): TraitJudge {
  return (value) => (Array.isArray(value) ? truth(holds(value as readonly string[])) : UNKNOWN);
}

function isKnown(value: TraitValue | undefined): boolean {
  return value !== undefined && value !== null;
}

function truth(holds: boolean): TruthCode {
  return holds ? TRUE : FALSE;
}

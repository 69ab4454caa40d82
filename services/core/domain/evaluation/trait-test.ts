/** Tests of traits: three-valued, a trait that is not known is unknown to every test but `known`. */
import type { TraitTest } from '../language/ast.ts';
import { FALSE, TRUE, UNKNOWN, type TruthCode } from '../operators/operator.ts';
import type { TraitValue } from '../events/profile.ts';

export type TraitJudge = (value: TraitValue | undefined) => TruthCode;

export function compileTrait(test: TraitTest): TraitJudge {
  switch (test.op) {
    case 'known':
      return (value) => (isKnown(value) === test.expected ? TRUE : FALSE);
    case 'in':
    case 'notIn': {
      const values = new Set<unknown>(test.values);
      const expected = test.op === 'in';
      return (value) => (isKnown(value) ? (values.has(value) === expected ? TRUE : FALSE) : UNKNOWN);
    }
    case 'atLeast':
      return numeric((value) => value >= test.value);
    case 'atMost':
      return numeric((value) => value <= test.value);
    case 'moreThan':
      return numeric((value) => value > test.value);
    case 'lessThan':
      return numeric((value) => value < test.value);
  }
}

/** A text where a number is asked for says nothing about the number. */
function numeric(holds: (value: number) => boolean): TraitJudge {
  return (value) => (typeof value === 'number' && !Number.isNaN(value) ? (holds(value) ? TRUE : FALSE) : UNKNOWN);
}

function isKnown(value: TraitValue | undefined): boolean {
  return value !== undefined && value !== null;
}

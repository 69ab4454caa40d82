/** Comparisons of measures and scores with a constant or another side. */
import type { LeafCondition, NumberTest, Operand } from '../language/ast.ts';
import { needsOfMeasure } from '../language/series-identity.ts';
import { Comparison } from './comparison.ts';
import { quantityOf } from './measure.ts';
import type { LeafOperator } from './operator.ts';
import { never, type Quantity } from './quantity.ts';
import { greatestCommon, times } from './reading.ts';
import { scoreQuantity, thousandths } from './score.ts';

/** A percentile of a table in thousandths; null while there is none. */
export type Cuts = (table: string, percentile: number) => number | null;

export function compareOperator(leaf: Extract<LeafCondition, { kind: 'compare' }>, cuts: Cuts): LeafOperator {
  const { measure, test } = leaf;
  return operatorOf(quantityOf(measure, 0, test.against === undefined), test, needsOfMeasure(measure).length, cuts);
}

export function scoreOperator(leaf: Extract<LeafCondition, { kind: 'score' }>, cuts: Cuts): LeafOperator {
  return operatorOf(scoreQuantity(leaf.model, leaf.maxAgeMs), leaf.test, 0, cuts);
}

/** `place`: of the first series of the other side. */
function operatorOf(left: Quantity, { op, value, against }: NumberTest, place: number, cuts: Cuts): LeafOperator {
  const right = against === undefined ? constant(value, 1) : operandQuantity(against, place, cuts);
  const comparison = new Comparison(op, left, right, against !== undefined);
  return {
    judge: (view, verdict) => comparison.judge(view, verdict),
    value: (view) => comparison.value(view),
  };
}

function operandQuantity(operand: Operand, place: number, cuts: Cuts): Quantity {
  switch (operand.kind) {
    case 'measure': {
      const quantity = quantityOf(operand.measure, place, false);
      // The smaller the numbers, the faster they compare.
      const common = greatestCommon(operand.times, 1000);
      const by = operand.times / common;
      const over = 1000 / common;
      return {
        perUnit: quantity.perUnit,
        prepare: (view) => quantity.prepare?.(view),
        read(view, at, out) {
          quantity.read(view, at, out);
          out.scale(by, over);
        },
        nextEdge: (view, after) => quantity.nextEdge(view, after),
      };
    }
    case 'trait':
      return {
        perUnit: 1000,
        read(view, _at, out) {
          const value = view.trait(operand.trait);
          if (typeof value === 'number' && Number.isFinite(value))
            out.exactly(times(thousandths(value), operand.times), 1000);
          else out.none();
        },
        nextEdge: never,
      };
    case 'cut': {
      const cut = cuts(operand.table, operand.percentile);
      return constant(cut === null ? null : cut + operand.plus, 1000);
    }
  }
}

function constant(value: number | null, perUnit: number): Quantity {
  return {
    perUnit,
    read(_view, _at, out) {
      if (value === null) out.none();
      else out.exactly(value);
    },
    nextEdge: never,
  };
}

import { isDecimal, type CompiledValue } from './cell-value.ts';
import { parseDecimal, toNumber } from './decimal.ts';
import { Refusal, type Environment, type RowContext } from './environment.ts';
import { CONDITION_FORMS, CONDITION_TESTS, type ConditionSpec } from './mapping.ts';
import type { Path } from './mistakes.ts';
import { compileValue } from './value.ts';

export type Condition = (context: RowContext) => boolean;

const NEVER: Condition = () => false;

export function compileCondition(spec: ConditionSpec, path: Path, env: Environment): Condition {
  const forms = CONDITION_FORMS.filter((form) => spec[form] !== undefined);
  if (forms.length !== 1) {
    const found = forms.length === 0 ? '' : `, found ${forms.join(' and ')}`;
    env.mistakes.add(path, `a condition has exactly one of ${CONDITION_FORMS.join(', ')}${found}`);
    return NEVER;
  }
  const form = forms[0]!;
  if (['opening', 'changed', 'became', 'previous', 'rises'].includes(form) && env.mode !== 'history') {
    env.mistakes.add(
      [...path, form],
      `${form} compares rows in time order: it needs rows: {history: [columns], at: …}`,
    );
  }
  const part = (inner: ConditionSpec, ...at: readonly (string | number)[]): Condition =>
    compileCondition(inner, [...path, ...at], env);
  switch (form) {
    case 'column':
      return columnTest(spec, spec.column!, path, env);
    case 'opening':
      return ({ index }) => index === 0;
    case 'changed':
      return changed(spec.changed!, path, env);
    case 'became':
      return became(part(spec.became!, 'became'));
    case 'previous':
      return onPrevious(part(spec.previous!, 'previous'));
    case 'rises':
      return rises(compileValue(spec.rises!, [...path, 'rises'], env), env);
    case 'all': {
      const all = spec.all!.map((one, index) => part(one, 'all', index));
      return (context) => all.every((one) => one(context));
    }
    case 'any': {
      const any = spec.any!.map((one, index) => part(one, 'any', index));
      return (context) => any.some((one) => one(context));
    }
    case 'not': {
      const inner = part(spec.not!, 'not');
      return (context) => !inner(context);
    }
  }
}

function columnTest(spec: ConditionSpec, column: string, path: Path, env: Environment): Condition {
  const read = env.reader(column, [...path, 'column']);
  const tests = CONDITION_TESTS.filter((test) => spec[test] !== undefined);
  if (tests.length !== 1) {
    const found = tests.length === 0 ? '' : `, found ${tests.join(' and ')}`;
    env.mistakes.add(path, `a question about a column has exactly one of ${CONDITION_TESTS.join(', ')}${found}`);
    return NEVER;
  }
  const test = testOf(spec, column, env);
  return ({ rows, index }) => test(read(rows[index]!));
}

/** A cell that is missing passes no test but `missing: true`. */
function testOf(spec: ConditionSpec, column: string, env: Environment): (cell: string | undefined) => boolean {
  const { is, startsWith, atLeast, atMost, missing } = spec;
  if (is !== undefined) return (cell) => cell === is;
  if (startsWith !== undefined) return (cell) => cell?.startsWith(startsWith) === true;
  if (missing !== undefined) return (cell) => (cell === undefined) === missing;
  if (spec.in !== undefined) {
    const allowed = new Set(spec.in);
    return (cell) => cell !== undefined && allowed.has(cell);
  }
  return (cell) => {
    if (cell === undefined) return false;
    const number = parseDecimal(cell, env.numbers);
    if (number === undefined) throw new Refusal(column, `"${cell}" is not a number`);
    const size = toNumber(number);
    return atLeast === undefined ? size <= atMost! : size >= atLeast;
  };
}

function changed(column: string, path: Path, env: Environment): Condition {
  const read = env.reader(column, [...path, 'changed']);
  return ({ rows, index }) => index > 0 && read(rows[index]!) !== read(rows[index - 1]!);
}

function onPrevious(inner: Condition): Condition {
  return (context) => {
    if (context.index === 0) return false;
    context.index--;
    try {
      return inner(context);
    } finally {
      context.index++;
    }
  };
}

/** True now and not in the row before; in the first row, true at all. */
function became(inner: Condition): Condition {
  const before = onPrevious(inner);
  return (context) => inner(context) && !before(context);
}

/** The number is greater than in the row before; never where one of the two is missing. */
function rises(value: CompiledValue, env: Environment): Condition {
  const number = (context: RowContext): number | undefined => {
    const found = value.of(context);
    if (found === undefined || typeof found === 'number') return found;
    const decimal = isDecimal(found) ? found : typeof found === 'string' ? parseDecimal(found, env.numbers) : undefined;
    if (decimal === undefined) throw new Refusal(value.column, `"${JSON.stringify(found)}" is not a number`);
    return toNumber(decimal);
  };
  return (context) => {
    if (context.index === 0) return false;
    const now = number(context);
    context.index--;
    const before = number(context);
    context.index++;
    return now !== undefined && before !== undefined && now > before;
  };
}

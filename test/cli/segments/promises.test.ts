/** What `customer show` and `segments explain` say will happen does happen: nothing a millisecond before, then what was said. */
import { describe, expect, it } from 'vitest';
import { inOrder } from '../../../services/cli/segments/apply-plan.ts';
import { readDefinitionFiles, type AuthoredFile } from '../../../services/cli/segments/definition-files.ts';
import { readTests, type TestCase } from '../../../services/cli/segments/test-form.ts';
import { CustomerRun, recordOf, TestBench } from '../../../services/cli/segments/test-run.ts';
import { packagePath } from '../../../services/platform/config/package-root.ts';

const LATENESS_MS = 90 * 86_400_000;

const files = inOrder(readDefinitionFiles(packagePath('schemas', 'segments'), { zone: 'UTC' }));
const bench = new TestBench(
  files.map(({ what, key, body }) => recordOf(what.kind === 'table' ? 'table' : 'segment', key, body)),
  { zone: 'UTC', latenessMs: LATENESS_MS },
);

function testsOf({ key, tests }: AuthoredFile): readonly TestCase[] {
  return readTests(key, tests, { currency: 'USD' }).tests;
}

/** Lets the time of a customer run after the last event of a test; returns how many promises were looked at. */
function keepsPromises(test: TestCase): number {
  const run = new CustomerRun(test.customer, bench.rulesFor(test.coverage), LATENESS_MS, () => undefined);
  for (const event of test.given) run.take(event);
  const last = test.given.at(-1)?.appendedAt ?? 0;
  run.reach(last);
  const promised = run.explain(last).filter(({ next }) => next !== null);
  const instants = [...new Set(promised.map(({ next }) => next!.at))].sort((a, b) => a - b);
  for (const at of instants) {
    const due = promised.filter(({ next }) => next!.at === at);
    const membersBefore = due.filter(({ member }) => member).map(({ number }) => number);
    const membersAfter = due.filter(({ next }) => next!.entered).map(({ number }) => number);
    const inNow = () => due.map(({ number }) => number).filter((number) => run.held.includes(number));
    const place = `${test.name}, ${due.map(({ key }) => key).join(', ')} at ${new Date(at).toISOString()}`;
    run.reach(at - 1);
    expect(inNow(), `${place} less a millisecond`).toEqual(membersBefore);
    run.reach(at);
    expect(inNow(), place).toEqual(membersAfter);
    expect(membersAfter, `${place} changes`).not.toEqual(membersBefore);
  }
  return promised.length;
}

describe('what explanations say comes next', () => {
  it.each(files.filter(({ tests }) => tests !== undefined).map((file) => [file.key, file] as const))(
    'comes true for the customers of %s, to the millisecond',
    (_key, file) => {
      const looked = testsOf(file).map(keepsPromises);
      expect(looked.reduce((sum, count) => sum + count, 0)).toBeGreaterThan(0);
    },
  );
});

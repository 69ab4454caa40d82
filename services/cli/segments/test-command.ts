/** `segments test`: the tests inside definitions, through the live evaluator, told so that a failure can be understood. */
import { Fault } from '../../core/faults.ts';
import { Catalogue } from '../../core/domain/language/catalogue.ts';
import type { Config } from '../../platform/config/options.ts';
import { counted } from '../text.ts';
import type { CliContext } from '../verb.ts';
import { misfitsOf } from './apply.ts';
import { inOrder } from './apply-plan.ts';
import { definitionsInvalid, type AuthoredFile } from './definition-files.ts';
import { gather, type Gathered } from './gather.ts';
import { mistakeIn, type FileMistake } from './place-in-file.ts';
import { readTests, type TestCase } from './test-form.ts';
import { sayOutcome } from './test-report.ts';
import { recordOf, TestBench } from './test-run.ts';

interface Tested {
  readonly authored: AuthoredFile;
  readonly tests: readonly TestCase[];
}

/** Throws DEFINITION_INVALID, NOT_FOUND, TEST_FAILED. */
export function testSegments({ output }: CliContext, config: Config, paths: readonly string[]): void {
  const terms = { zone: config.workspace.timezone };
  const gathered = gather(paths, terms, namedInTests);
  const tested = readAll(gathered, config, paths);
  const files = [...gathered.asked.files, ...gathered.around.files];
  const records = inOrder(files).map(({ what, key, body }) =>
    recordOf(what.kind === 'table' ? 'table' : 'segment', key, body),
  );
  const bench = new TestBench(records, { ...terms, latenessMs: config.lateness.limitMs });
  const counts = { definitions: tested.length, tests: 0, passed: 0, failed: 0 };
  for (const { authored, tests } of tested) {
    for (const test of tests) {
      const outcome = bench.run(authored.key, test);
      const passed = outcome.misses.length === 0 && outcome.transitions === null;
      counts.tests += 1;
      counts[passed ? 'passed' : 'failed'] += 1;
      sayOutcome(output, authored, test, outcome);
    }
  }
  const withoutTests = tested.filter(({ tests }) => tests.length === 0).map(({ authored }) => authored.key);
  if (output.json) output.datum({ ...counts, withoutTests }, '');
  else if (withoutTests.length > 0) output.talk(output.talkPaint.yellow(`Without tests: ${withoutTests.join(', ')}.`));
  const summary = `${counted(counts.definitions, 'definition')}, ${counted(counts.tests, 'test')}: ${counts.passed} passed, ${counts.failed} failed`;
  output.words(counts.failed === 0 ? output.paint.green(summary) : summary);
  if (counts.failed > 0) throw new Fault('TEST_FAILED', `${counted(counts.failed, 'test')} of ${counts.tests} failed`);
}

function readAll({ asked, around }: Gathered, config: Config, paths: readonly string[]): readonly Tested[] {
  const { currency, timezone } = config.workspace;
  const known = new Set([...asked.files, ...around.files, ...asked.standIns, ...around.standIns].map(({ key }) => key));
  const mistakes: FileMistake[] = [];
  const tested = asked.files.flatMap((authored): Tested[] => {
    const { file, key, what, placeOf } = authored;
    if (what.kind === 'table') return [];
    const read = readTests(key, authored.tests, { currency });
    const unknown = read.tests.flatMap((test) => unknownIn(test, known));
    mistakes.push(...[...read.mistakes, ...unknown].map((mistake) => mistakeIn(file, placeOf, mistake)));
    return [{ authored, tests: read.tests }];
  });
  const all = {
    files: [...asked.files, ...around.files],
    standIns: [...asked.standIns, ...around.standIns],
    mistakes: [],
  };
  mistakes.unshift(...asked.mistakes, ...around.mistakes, ...misfitsOf(all, new Catalogue({ zone: timezone })));
  if (mistakes.length > 0) throw definitionsInvalid(paths.join(', '), mistakes, 'no test was run');
  return tested;
}

function unknownIn({ expect }: TestCase, known: ReadonlySet<string>) {
  return expect.flatMap(({ memberships, path }) =>
    [...memberships.keys()]
      .filter((key) => !known.has(key))
      .map((key) => ({ path: [...path, 'in', key], message: `there is no definition ${key} beside this one` })),
  );
}

/** Keys of other definitions that the tests of one look at. Whatever has another form is told when the tests are read. */
function namedInTests({ tests }: AuthoredFile): readonly string[] {
  if (!Array.isArray(tests)) return [];
  return (tests as readonly unknown[])
    .flatMap((test) => listIn(test, 'expect'))
    .flatMap((expect) => {
      const named = partOf(expect, 'in');
      return typeof named === 'object' && named !== null ? Object.keys(named) : [];
    });
}

function listIn(value: unknown, name: string): readonly unknown[] {
  const list = partOf(value, name);
  return Array.isArray(list) ? list : [];
}

function partOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}

/**
 * `npm run mutate [-- --only NAME]`: plants one fault after another in a copy of the tree and runs the tests that must find it. A
 * fault that stays unfound, or whose text is not there (exactly once), ends it with exit code 1. The working tree is not touched.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { FAULTS, type PlantedFault } from './faults.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** What the tests need; what is installed is linked. */
const COPIED = [
  'services',
  'test',
  'schemas',
  'infra',
  '.config',
  'package.json',
  'tsconfig.json',
  'README.md',
] as const;
/** Seconds of processor time a test may take, some times what it needs: a fault that makes it run on and on is found as well. */
const PATIENCE_S = 150;

type Verdict = 'found' | 'found: never ends' | 'NOT FOUND' | 'NOT PLANTED';

function main(): void {
  const { values } = parseArgs({ options: { only: { type: 'string', multiple: true } } });
  const faults = values.only === undefined ? FAULTS : FAULTS.filter(({ name }) => values.only!.includes(name));
  const tree = copyOfTree();
  let unfound = 0;
  try {
    for (const tests of suitesOf(faults)) {
      const { status, output } = run(tree, tests);
      if (status !== 0) throw new Error(`The tests of ${tests} fail without any fault:\n${output}`);
    }
    for (const fault of faults) {
      const started = performance.now();
      const verdict = verdictOn(fault, tree);
      if (!verdict.startsWith('found')) unfound += 1;
      const seconds = ((performance.now() - started) / 1000).toFixed(1).padStart(6);
      process.stdout.write(`${seconds} s  ${verdict.padEnd(18)} ${fault.name}: ${fault.breaks}\n`);
    }
  } finally {
    rmSync(tree, { recursive: true, force: true });
  }
  process.stdout.write(`${JSON.stringify({ faults: faults.length, unfound })}\n`);
  process.exitCode = unfound === 0 ? 0 : 1;
}

function copyOfTree(): string {
  const tree = mkdtempSync(join(tmpdir(), 'tributary-mutate-'));
  for (const name of COPIED) cpSync(join(ROOT, name), join(tree, name), { recursive: true });
  symlinkSync(join(ROOT, 'node_modules'), join(tree, 'node_modules'));
  return tree;
}

function suitesOf(faults: readonly PlantedFault[]): readonly string[] {
  return [...new Set(faults.map(({ tests }) => tests))];
}

function verdictOn({ file, find, replace, tests }: PlantedFault, tree: string): Verdict {
  const path = join(tree, file);
  const whole = readFileSync(path, 'utf8');
  if (whole.split(find).length !== 2) return 'NOT PLANTED';
  writeFileSync(
    path,
    whole.replace(find, () => replace),
  );
  try {
    const { status } = run(tree, tests);
    if (status === null) return 'found: never ends';
    return status === 0 ? 'NOT FOUND' : 'found';
  } finally {
    writeFileSync(path, whole);
  }
}

/** `model`: the model test itself, on its first histories; else files of vitest. */
function run(tree: string, tests: string): { status: number | null; output: string } {
  const bare = ['test/model/main.ts', '--bare', '--threads', '2', '--histories', '600', '--failures', '1'];
  const vitest = [
    'node_modules/vitest/vitest.mjs',
    'run',
    '--config',
    '.config/vitest.config.ts',
    '--bail',
    '1',
    '--no-cache',
  ];
  const args = tests === 'model' ? bare : [...vitest, ...tests.split(' ')];
  // Of the processor, not of the clock: how busy the machine is must not decide.
  const limited = ['-c', `ulimit -t ${PATIENCE_S}; exec "$0" "$@"`, process.execPath, ...args];
  const { status, stdout, stderr } = spawnSync('sh', limited, { cwd: tree, encoding: 'utf8', maxBuffer: 1 << 28 });
  return { status, output: `${stdout}\n${stderr}` };
}

main();

/**
 * `npm run model -- --histories N --seed S`: plays N random histories from a seed on and compares each with the oracle, then
 * prints what they reached. A history that differs is shrunk, printed and kept in `regressions`; the exit code is 1 then, and also
 * when something was not reached.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { inWords } from './in-words.ts';
import { playMany } from './many.ts';

const { values } = parseArgs({
  options: {
    histories: { type: 'string', default: '2000' },
    seed: { type: 'string', default: '1' },
    threads: { type: 'string', default: String(Math.min(2, availableParallelism())) },
    failures: { type: 'string', default: '3' },
    /** Only whether they differ: nothing is shrunk or kept, what they reach is no matter. */
    bare: { type: 'boolean', default: false },
  },
});
const first = Number(values.seed);
const count = Number(values.histories);
const started = performance.now();
const { failures, coverage } = await playMany(first, count, {
  threads: Number(values.threads),
  failuresMax: Number(values.failures),
  shrinks: !values.bare,
  progress: (histories) => process.stderr.isTTY && process.stderr.write(`\r${histories} of ${count}`),
});
for (const { history, problems } of failures) {
  process.stdout.write(`${inWords(history)}\n${problems.map((line) => `  ! ${line}`).join('\n')}\n\n`);
  if (values.bare) continue;
  const file = new URL(`regressions/seed-${history.seed}.json`, import.meta.url);
  mkdirSync(new URL('.', file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(history, null, 1)}\n`);
}
const missing = values.bare ? [] : coverage.missing();
if (!values.bare) {
  process.stdout.write(`\n${coverage.table()}\n\n`);
  for (const name of missing) process.stdout.write(`not reached: ${name}\n`);
  for (const name of coverage.unlisted()) process.stdout.write(`reached, and not in the table: ${name}\n`);
}
const seconds = Math.round((performance.now() - started) / 100) / 10;
process.stdout.write(`${JSON.stringify({ histories: count, seed: first, failures: failures.length, seconds })}\n`);
process.exitCode = failures.length === 0 && missing.length === 0 ? 0 : 1;

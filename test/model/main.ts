/**
 * `npm run model -- --histories N --seed S`: plays N random histories from a seed on and compares each with the oracle. A
 * history that differs is shrunk and printed; the exit code is then 1.
 */
import { parseArgs } from 'node:util';
import { inWords, play, shrink } from './compare.ts';
import { historyOf } from './histories.ts';

const { values } = parseArgs({
  options: { histories: { type: 'string', default: '2000' }, seed: { type: 'string', default: '1' } },
});
const first = Number(values.seed);
const count = Number(values.histories);
let failures = 0;
for (let seed = first; seed < first + count && failures < 3; seed++) {
  const history = historyOf(seed);
  if ((await play(history)).length === 0) continue;
  failures += 1;
  const shrunk = await shrink(history);
  process.stdout.write(`${inWords(shrunk)}\n${(await play(shrunk)).map((line) => `  ! ${line}`).join('\n')}\n\n`);
}
process.stdout.write(`${JSON.stringify({ histories: count, seed: first, failures })}\n`);
process.exitCode = failures === 0 ? 0 : 1;

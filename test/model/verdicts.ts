/** Explanations against the oracle: of everybody, every rule and every condition has the same truth; and every sentence is one. */
import type { SegmentNow } from '../../services/core/domain/evaluation/explain.ts';
import type { CustomerOracle } from '../../services/core/oracle/history.ts';
import type { LiveRun } from './live-run.ts';
import { oracleVerdicts } from './oracle-verdicts.ts';

/** What no sentence holds. */
const NO_WORDS = /undefined|NaN|Infinity|\[object|null/;

/** Of a settled run: what differs, in words. */
export function compareVerdicts(run: LiveRun, oracles: ReadonlyMap<string, CustomerOracle>): readonly string[] {
  const expected = oracleVerdicts(run, oracles);
  // Of those who went astray verify has said so.
  const explained = run.explain().filter(({ customerId }) => oracles.has(customerId));
  return explained.flatMap(({ customerId, told }) =>
    told.flatMap((row) => {
      const wanted = expected.get(customerId)?.get(row.key);
      const found = verdictOf(row);
      const differs =
        wanted === found
          ? []
          : [`verdict of ${customerId} in ${row.key}: expected ${wanted ?? 'nothing'}, found ${found}`];
      return [...differs, ...wordless(customerId, row)];
    }),
  );
}

function verdictOf({ rule, member, enteredAt, conditions }: SegmentNow): string {
  const truths = conditions.map(({ path, truth }) => `${path} ${truth}`);
  return [`rule ${rule}`, member ? `in since ${enteredAt}` : 'out', ...truths].join(', ');
}

function wordless(customerId: string, row: SegmentNow): readonly string[] {
  const sentences = [row.inWords, ...row.conditions.map(({ sentence }) => sentence)];
  return sentences
    .filter((sentence) => sentence === '' || NO_WORDS.test(sentence))
    .map((sentence) => `sentence for ${customerId} in ${row.key}: ${sentence}`);
}

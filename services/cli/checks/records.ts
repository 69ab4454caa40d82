import { placeInWords, readDeadLetter } from '../dead-letters/dead-letter.ts';
import { readMark } from '../dead-letters/marks.ts';
import { formatCount } from '../text.ts';
import type { Check } from './check.ts';
import { newest } from './newest.ts';

const FACTS_MAX = 200_000;
const LETTERS_MAX = 100_000;

/** Links and erasures are in the journal and change nothing yet (I, C3). */
export const notActedOnCheck: Check = {
  name: 'not acted on',
  needsLog: true,
  run: async ({ installation, signal }) => {
    const log = await installation.log();
    const registry = await installation.registry();
    if (log === undefined || registry === undefined) return [];
    const facts = await newest(log, installation.topics.facts, FACTS_MAX, signal);
    if (facts === undefined) return [];
    let [read, links, erasures] = [0, 0, 0];
    for await (const { value } of facts.records) {
      const fact = registry.decode('fact', value);
      read += 1;
      if (fact.input === 'identities') links += 1;
      if (fact.input === 'profiles' && fact.event.kind === 'erase') erasures += 1;
    }
    const scope = facts.cut ? `the newest ${formatCount(read)} facts` : `all ${formatCount(read)} facts`;
    if (links + erasures === 0) return { level: 'ok', message: `no identity link and no erasure in ${scope}` };
    const message = `identity links ${formatCount(links)}, erasures ${formatCount(erasures)} in ${scope}: journaled, not carried out yet`;
    const fix =
      'Nothing is lost: a version that carries them out finds them. Until then carry out a due erasure yourself, in every store.';
    return { level: 'warn', message, fix };
  },
};

export const deadLettersCheck: Check = {
  name: 'dead letters',
  needsLog: true,
  run: async ({ installation, signal }) => {
    const log = await installation.log();
    if (log === undefined) return [];
    const letters = await newest(log, installation.topics.deadLetters, LETTERS_MAX, signal);
    if (letters === undefined) return [];
    const open = new Map<string, string>();
    let dealtWith = 0;
    for await (const record of letters.records) {
      const mark = readMark(record);
      const place = placeInWords({ partition: record.partition, offset: mark?.of ?? record.offset });
      if (mark === undefined) open.set(place, readDeadLetter(record).code);
      else if (open.delete(place)) dealtWith += 1;
    }
    const done = dealtWith === 0 ? '' : `, ${formatCount(dealtWith)} dealt with`;
    if (open.size === 0) return { level: 'ok', message: `none${dealtWith === 0 ? '' : ' open'}${done}` };
    const counts = new Map<string, number>();
    for (const code of open.values()) counts.set(code, (counts.get(code) ?? 0) + 1);
    const codes = [...counts].sort(([, a], [, b]) => b - a).map(([code, count]) => `${code} ${formatCount(count)}`);
    const scope = letters.cut ? ` (the newest ${formatCount(LETTERS_MAX)})` : '';
    const fix =
      'See them with `tributary dead-letters list`, correct the cause, then `dead-letters retry`, or `dismiss` with the reason.';
    return { level: 'warn', message: `${codes.join(', ')}${scope}${done}`, fix };
  },
};

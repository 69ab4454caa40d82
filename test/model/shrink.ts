/**
 * The shortest history found that still fails: steps left out, then definitions, then parts of the rules, as long as it fails and
 * patience lasts.
 */
import type { History } from './histories.ts';
import type { Authored } from './rules/sources.ts';

export type Fails = (history: History) => Promise<boolean>;

export async function shrink(history: History, fails: Fails, patienceMs = 60_000): Promise<History> {
  const until = performance.now() + patienceMs;
  const stillFails: Fails = async (candidate) => performance.now() < until && (await fails(candidate));
  let best = history;
  for (let before = Infinity; size(best) < before;) {
    before = size(best);
    best = await withFewerSteps(best, stillFails);
    best = await withFewerDefinitions(best, stillFails);
    best = await withSimplerRules(best, stillFails);
  }
  return best;
}

function size(history: History): number {
  return JSON.stringify([history.steps, history.founding]).length;
}

async function withFewerSteps(history: History, fails: Fails): Promise<History> {
  let best = history;
  for (
    let length = Math.ceil(history.steps.length / 2);
    length >= 1;
    length = length === 1 ? 0 : Math.ceil(length / 2)
  ) {
    for (let at = 0; at < best.steps.length;) {
      const steps = [...best.steps.slice(0, at), ...best.steps.slice(at + length)];
      if (await fails({ ...best, steps })) best = { ...best, steps };
      else at += length;
    }
  }
  return best;
}

async function withFewerDefinitions(history: History, fails: Fails): Promise<History> {
  let best = history;
  for (let at = best.founding.length - 1; at >= 0; at--) {
    const founding = best.founding.filter((_, index) => index !== at);
    if (await fails({ ...best, founding })) best = { ...best, founding };
  }
  return best;
}

async function withSimplerRules(history: History, fails: Fails): Promise<History> {
  let best = history;
  for (let at = 0; at < best.founding.length; at++) {
    for (let simpler = true; simpler;) {
      simpler = false;
      const publication = best.founding[at]!;
      if (publication.kind !== 'segment') break;
      for (const body of simplerBodies(publication.body)) {
        const founding = best.founding.with(at, { ...publication, body });
        if (!(await fails({ ...best, founding }))) continue;
        best = { ...best, founding };
        simpler = true;
        break;
      }
    }
  }
  return best;
}

/** What a definition still says without one of these is a definition. */
const OPTIONAL: ReadonlySet<string> = new Set([
  ...[
    'confirm',
    'grace',
    'minStay',
    'maxStay',
    'cooldown',
    'stay',
    'unknown',
    'include',
    'exclude',
    'consent',
    'demoteAt',
  ],
  ...['zone', 'where', 'sameKey', 'without', 'maxAge', 'expires', 'orLater', 'escalated'],
]);

/** The same definition with one thing less, the largest things first. */
function* simplerBodies(value: Authored): Generator<Authored> {
  for (const [name, part] of Object.entries(value)) {
    if (OPTIONAL.has(name)) {
      yield Object.fromEntries(Object.entries(value).filter(([own]) => own !== name));
    }
    if (isCondition(name)) for (const inner of partsOf(part)) if (Object.keys(value).length === 1) yield inner;
  }
  for (const [name, part] of Object.entries(value)) {
    for (const simpler of simplerValues(name, part)) yield { ...value, [name]: simpler };
  }
}

function isCondition(name: string): boolean {
  return ['all', 'any', 'none', 'not', 'atLeastOf'].includes(name);
}

function partsOf(part: unknown): readonly Authored[] {
  if (Array.isArray(part)) return part as Authored[];
  if (typeof part !== 'object' || part === null) return [];
  return 'of' in part && Array.isArray(part.of) ? (part.of as Authored[]) : [part as Authored];
}

function* simplerValues(name: string, part: unknown): Generator {
  if (Array.isArray(part)) {
    const shrinks =
      ['all', 'any', 'none', 'include', 'exclude', 'in', 'notIn', 'event'].includes(name) && part.length > 1;
    for (let at = 0; at < part.length; at++) {
      if (shrinks) yield part.filter((_, index) => index !== at);
      for (const simpler of simplerValues('', part[at])) yield part.with(at, simpler);
    }
  } else if (typeof part === 'object' && part !== null) yield* simplerBodies(part as Authored);
}

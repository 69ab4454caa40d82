import { INPUTS } from '../../core/domain/events/header.ts';
import type { Catalogue, Coverage, Refusal } from '../../core/domain/language/catalogue.ts';
import { coverageGap } from '../../platform/topics/coverage.ts';
import { counted } from '../text.ts';
import type { Check, CheckContext, Finding } from './check.ts';

async function catalogueOf({ installation }: CheckContext): Promise<Catalogue | undefined> {
  const log = await installation.log();
  if (log === undefined || (await installation.registry()) === undefined) return undefined;
  const { readPublished } = await import('../segments/published.ts');
  return (await readPublished(log, installation.config)).catalogue;
}

/** Where nobody has said since when a feed is whole, an absence in it is unknown, not a fact (E3). */
export const coverageCheck: Check = {
  name: 'coverage',
  needsLog: true,
  run: async (context) => {
    const { installation } = context;
    const log = await installation.log();
    const registry = await installation.registry();
    const catalogue = await catalogueOf(context);
    if (log === undefined || registry === undefined || catalogue === undefined) return [];
    const specs = await log.describeTopics(INPUTS.map((input) => installation.topics[input]));
    const inputs = INPUTS.filter((_, index) => specs[index] !== undefined);
    const { toDeclare, unknown } = await coverageGap(log, registry, installation.topics, inputs);
    const found: Finding[] = unknown.map((input) => {
      const message = `nobody has declared since when ${input} are whole: what did not happen there stays unknown`;
      const fix = 'Import their history with a mapping that declares `coverage` (infra/docs/import.md).';
      return { level: 'warn', message, fix };
    });
    for (const input of toDeclare) {
      const fix = 'Run `tributary topics apply`; it declares inputs whole that are still empty.';
      found.push({ level: 'warn', message: `${input} are empty and not declared whole`, fix });
    }
    if (found.length > 0) return found;
    return { level: 'ok', message: `whole since: ${inWords(catalogue.coverage)}` };
  },
};

function inWords(coverage: Coverage): string {
  const inputs = [...coverage].map(([event, byKind]) => {
    const kinds = [...byKind].map(([kind, since]) => {
      const when = since === -Infinity ? 'always' : new Date(since).toISOString();
      return kind === '*' ? when : `${kind} ${when}`;
    });
    return `${event} ${kinds.join(', ')}`;
  });
  return inputs.length === 0 ? 'nothing counted yet' : inputs.join('; ');
}

const REFUSALS_SHOWN = 5;

export const definitionsCheck: Check = {
  name: 'definitions',
  needsLog: true,
  run: async (context) => {
    const catalogue = await catalogueOf(context);
    if (catalogue === undefined) return [];
    const open = catalogue.refusals.filter((refusal) => !isMended(refusal, catalogue));
    const found: Finding[] = open.slice(0, REFUSALS_SHOWN).map(({ key, offset, mistakes }) => {
      const reasons = mistakes.map(({ message }) => message).join('; ');
      const fix =
        'Correct the file and run `tributary segments apply` again; every reader passes over the refused record.';
      return { level: 'warn', message: `${key} at offset ${offset} is refused: ${reasons}`, fix };
    });
    if (open.length > REFUSALS_SHOWN) {
      const message = `${open.length - REFUSALS_SHOWN} more are refused`;
      found.push({ level: 'warn', message, fix: 'See `tributary tail definitions --from-beginning`.' });
    }
    const live = liveInWords(catalogue);
    if (live === undefined) {
      const fix = 'Publish some: `tributary segments apply schemas/segments` is a start.';
      found.push({ level: 'warn', message: 'no segment is published', fix });
    }
    return found.length > 0 ? found : { level: 'ok', message: `${live ?? 'nothing'} published, none refused` };
  },
};

/** Undefined where nothing is live. */
function liveInWords({ segments, groups, tables }: Catalogue): string | undefined {
  const parts = [
    [segments.length, 'segment'],
    [groups.length, 'group'],
    [tables.size, 'table'],
  ] as const;
  const there = parts.filter(([count]) => count > 0).map(([count, noun]) => counted(count, noun));
  if (segments.length + groups.length === 0) return undefined;
  return there.length < 2 ? there[0] : `${there.slice(0, -1).join(', ')} and ${there.at(-1)}`;
}

/** A later record of the same key was accepted. */
function isMended({ key, offset }: Refusal, catalogue: Catalogue): boolean {
  return (catalogue.current(key)?.offset ?? -1) > offset;
}

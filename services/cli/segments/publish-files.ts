/** `segments apply`: what is new in some files goes live; every mistake is told before anything is published. */
import { Catalogue } from '../../core/domain/language/catalogue.ts';
import { isNewLog, settledConfig, withLog, withPreparedLog } from '../open-log.ts';
import type { CliContext } from '../verb.ts';
import { applySegments, misfitsOf } from './apply.ts';
import type { Step } from './apply-plan.ts';
import { definitionsInvalid, lookAtDefinitionFiles } from './definition-files.ts';
import { readPublished } from './published.ts';

export interface PublishOptions {
  readonly dryRun?: true;
  readonly reason?: string;
}

/** Throws DEFINITION_INVALID, DEFINITION_STALE, NOT_FOUND. */
export async function publishFiles(context: CliContext, path: string, options: PublishOptions): Promise<void> {
  const { workspace } = await settledConfig(context);
  const found = lookAtDefinitionFiles(path, { zone: workspace.timezone });
  if (found.mistakes.length > 0) {
    const misfits = misfitsOf(found, await liveCatalogue(context, workspace.timezone));
    throw definitionsInvalid(path, [...found.mistakes, ...misfits]);
  }
  // The first thing many do: publish the starter catalogue before anything runs.
  await withPreparedLog(context, async ({ log, config }) => {
    const dryRun = options.dryRun === true;
    const { steps, records, immediate } = await applySegments(log, config, found.files, {
      dryRun,
      reason: options.reason ?? null,
      now: Date.now(),
    });
    showSteps(context, steps);
    const { output } = context;
    const empty = steps.filter((step) => step.startsEmpty).map((step) => step.key);
    if (empty.length > 0) {
      output.talk(
        output.talkPaint.yellow(`Counted from now on only, as events are there already: ${empty.join(', ')}.`),
      );
      output.talk(
        'What lies before is unknown to these segments, and unknown is not no: `customer show` says since when each is known.',
      );
    }
    if (dryRun) output.talk('Nothing was published (--dry-run).');
    else if (records.length > 0) {
      const soon = `in force in about ${Math.ceil(config.definitions.effectiveAfterMs / 1000)} s where tasks run`;
      output.talk(`Published; ${immediate ? 'in force before the first event' : soon}.`);
    } else output.talk('Nothing to publish.');
  });
}

/** What is live where there is a log; nothing is made where there is none. */
async function liveCatalogue(context: CliContext, zone: string): Promise<Catalogue> {
  if (isNewLog(context.settings().config)) return new Catalogue({ zone });
  return withLog(context, { owner: false }, async ({ log, config }) => (await readPublished(log, config)).catalogue);
}

function showSteps({ output }: CliContext, steps: readonly Step[]): void {
  const paints = {
    new: output.paint.green,
    changed: output.paint.yellow,
    unchanged: output.paint.dim,
    'not in the files': output.paint.dim,
  };
  output.table(
    [
      { title: 'STEP', cell: ({ step }) => step, paint: (words, { step }) => paints[step](words) },
      { title: 'KIND', cell: ({ kind }) => kind },
      { title: 'KEY', cell: ({ key }) => key },
      { title: 'VERSION', cell: ({ version }) => String(version), align: 'right' },
      { title: 'FILE', cell: ({ file }) => file ?? '', elastic: true },
    ],
    steps,
  );
}

import { unfinishedImports } from '../../ingest/import/import-progress.ts';
import { importCommand } from '../import/command.ts';
import { counted } from '../text.ts';
import type { Check } from './check.ts';

/** An import that was stopped: half of a history is worse than none, and only the same command finishes it. */
export const importsCheck: Check = {
  name: 'imports',
  needsLog: true,
  run: async ({ installation }) => {
    const log = await installation.log();
    if (log === undefined) return [];
    const unfinished = await unfinishedImports(log, installation.topics.imports);
    if (unfinished.length === 0) return { level: 'ok', message: 'none is unfinished' };
    const isOwned = (await installation.owner()) !== undefined;
    return unfinished.map(({ importId, mode, events, at, from }) => {
      const last = `the last at ${new Date(at).toISOString()}`;
      const message = `${from?.file ?? `import ${importId}`} is unfinished: ${counted(events, 'event')} so far, ${last}`;
      // Who replays owns the data; history is added beside an owner.
      if (mode === 'replay' && isOwned) return { level: 'ok', message: `${message}; it is at work` };
      const command = importCommand(from, installation.config);
      if (mode === 'replay') return { level: 'fail', message, fix: `Run ${command}; it goes on where it was.` };
      return { level: 'warn', message, fix: `Unless it is at work now, run ${command}; it goes on where it was.` };
    });
  },
};

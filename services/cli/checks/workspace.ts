import { goBy, keptWorkspace } from '../workspace.ts';
import type { Check } from './check.ts';

/** Which currency and time zone the data are kept in, and whether the configuration goes with them. */
export const workspaceCheck: Check = {
  name: 'workspace',
  run: async ({ installation, settings }) => {
    const log = await installation.log();
    const kept = log === undefined ? undefined : await keptWorkspace(log);
    const { workspace } = log === undefined ? settings.config : await goBy(log, settings, { owner: false });
    const isKept = settings.config.log.kind === 'embedded';
    const where =
      kept !== undefined
        ? 'as the data are kept'
        : `as configured${isKept ? '; the first start keeps it with the data' : ''}`;
    return { level: 'ok', message: `amounts in ${workspace.currency}, days of ${workspace.timezone}, ${where}` };
  },
};

import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { rm } from 'node:fs/promises';
import type { Command } from 'commander';
import { Fault } from '../../core/faults.ts';
import type { Config } from '../../platform/config/options.ts';
import { logDirectory } from '../open-log.ts';
import { formatBytes, formatCount, formatSpan } from '../text.ts';
import { GROUPS, withExamples, type CliContext, type Verb } from '../verb.ts';

/**
 * `backup` and `restore` of the embedded log. The log is all there is to keep: state is in its changelog, and analytics is a
 * view that the ledger builds again from it.
 */
export const backupVerbs: Verb = { register };

function register(program: Command, context: CliContext): void {
  withExamples(
    program
      .command('backup')
      .description('copy the embedded log into an empty folder, while everything goes on')
      .helpGroup(GROUPS.operate)
      .argument('<folder>', 'where to put the copy; it is made if it is not there')
      .action((folder: string) => backup(resolve(folder), context)),
    [['tributary backup "/backups/$(date +%F)"', 'A consistent copy of this moment.']],
  );
  withExamples(
    program
      .command('restore')
      .description('put a backup into an empty data directory, and check every record of it')
      .helpGroup(GROUPS.operate)
      .argument('<folder>', 'a folder that `tributary backup` has filled')
      .action((folder: string) => restore(resolve(folder), context)),
    [
      [
        'tributary restore /backups/2026-01-31 --data restored',
        'Then `tributary up --data restored` goes on from there.',
      ],
    ],
  );
}

async function backup(folder: string, context: CliContext): Promise<void> {
  const { output } = context;
  const config = embedded(context);
  const directory = logDirectory(config);
  if (!existsSync(directory)) {
    throw new Fault('NOT_FOUND', `There is no embedded log in ${config.data.directory}`, {
      facts: { directory },
      next: 'Name the data directory with --data.',
    });
  }
  const { openEmbeddedLog } = await import('../../platform/embedded-log/embedded-log.ts');
  const started = performance.now();
  const log = await openEmbeddedLog({ directory, owner: false });
  try {
    const bytes = await log.backup(folder);
    const words = `${formatBytes(bytes)} copied to ${folder} in ${formatSpan(performance.now() - started)}`;
    output.datum({ folder, bytes }, words);
  } finally {
    await log.close();
  }
}

async function restore(folder: string, context: CliContext): Promise<void> {
  const { output } = context;
  const config = embedded(context);
  const { restoreBackup } = await import('../../platform/embedded-log/backup.ts');
  const { records, createdAt } = await restoreBackup(folder, logDirectory(config));
  // Analytics is a copy of the log and may be ahead of the one that was restored: it is made again from it.
  const { analyticsDirectory } = await import('../../standalone/analytics.ts');
  await rm(analyticsDirectory(config), { recursive: true, force: true });
  const data = config.data.directory;
  const words = `${formatCount(records)} records restored to ${data}, all intact; the backup is of ${createdAt}`;
  output.datum({ folder, data, records, createdAt }, words);
  output.talk('next: tributary doctor, then tributary up');
}

function embedded(context: CliContext): Config {
  const { config } = context.settings();
  if (config.log.kind === 'embedded') return config;
  throw new Fault('USAGE', `Only the embedded log is backed up here; log.kind is ${config.log.kind}`);
}

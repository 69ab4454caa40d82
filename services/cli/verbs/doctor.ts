import type { Command } from 'commander';
import { Fault } from '../../core/faults.ts';
import type { Check, CheckContext, Finding } from '../checks/check.ts';
import { settledConfig } from '../open-log.ts';
import { pad } from '../text.ts';
import { GROUPS, withExamples, type CliContext, type Verb } from '../verb.ts';

/** `doctor`: whether this machine and this installation are fit, and what to do where they are not. */
export const doctorVerb: Verb = { register };

const NAME_COLUMNS = 16;

function register(program: Command, context: CliContext): void {
  const command = program
    .command('doctor')
    .description('check the machine, the configuration and the data, and say how to put right what is wrong')
    .helpGroup(GROUPS.operate)
    .action(() => examine(context));
  withExamples(command, [
    ['tributary doctor', 'Exit code 1 when something keeps it from working.'],
    ['tributary doctor --json', 'One finding a line: check, level, message, fix.'],
  ]);
}

async function examine(context: CliContext): Promise<void> {
  const { output, signal } = context;
  const { CHECKS } = await import('../checks.ts');
  const { Installation } = await import('../checks/installation.ts');
  const settings = context.settings();
  // A data directory that does not open, or not with these settings, is what the checks tell.
  const config = await settledConfig(context).catch(() => settings.config);
  const installation = new Installation(config);
  const checkContext: CheckContext = { settings, installation, signal };
  const failed: string[] = [];
  try {
    for (const check of CHECKS) {
      const findings = await findingsOf(check, checkContext);
      if (signal.aborted) throw new Fault('INTERRUPTED', 'Stopped between two checks');
      for (const finding of findings) {
        output.datum({ check: check.name, ...finding }, inWords(check.name, finding, context));
        if (finding.level === 'fail') failed.push(`${check.name}: ${finding.message}`);
      }
    }
  } finally {
    await installation.close();
  }
  if (failed.length > 0) {
    const count = failed.length === 1 ? 'One check' : `${failed.length} checks`;
    throw new Fault('CHECK_FAILED', `${count} failed`, { mistakes: output.json ? failed : [] });
  }
}

async function findingsOf(check: Check, context: CheckContext): Promise<readonly Finding[]> {
  try {
    const barred = check.needsLog === true ? await unreachable(context) : undefined;
    if (barred !== undefined) return [barred];
    const found = await check.run(context);
    return Array.isArray(found) ? (found as readonly Finding[]) : [found as Finding];
  } catch (error) {
    if (error instanceof Fault) {
      const message = [`${error.code}: ${error.message}`, ...error.mistakes].join('; ');
      return [{ level: 'fail', message, fix: error.next }];
    }
    const message = error instanceof Error ? error.message : String(error);
    return [{ level: 'fail', message, fix: 'The check itself failed; run it again with --verbose and report it.' }];
  }
}

/** Kafka cannot be looked at: each check that is left out says so by itself. */
async function unreachable({ installation }: CheckContext): Promise<Finding | undefined> {
  if (installation.config.log.kind !== 'kafka') return undefined;
  try {
    await installation.open();
    return undefined;
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    const message = `not looked at: ${error.message}`;
    return { level: 'warn', message, fix: 'Put right what the check of the brokers names, then run this again.' };
  }
}

function inWords(name: string, finding: Finding, { output: { paint } }: CliContext): string {
  const marks = { ok: paint.green('ok  '), warn: paint.yellow('warn'), fail: paint.red('FAIL') };
  const line = `${marks[finding.level]}  ${paint.bold(pad(name, NAME_COLUMNS, 'left'))}${finding.message}`;
  return finding.level === 'ok' ? line : `${line}\n      ${' '.repeat(NAME_COLUMNS)}fix: ${finding.fix}`;
}

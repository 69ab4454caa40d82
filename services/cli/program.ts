import { Command, InvalidArgumentError } from 'commander';
import picocolors from 'picocolors';
import { assert } from '../core/faults.ts';
import type { loadConfig } from '../platform/config/load.ts';
import { packageVersion } from '../platform/config/package-root.ts';
import type { Flag } from '../platform/config/sources.ts';
import { EXIT_CODE_HELP } from './exit-codes.ts';
import { Output, type OutputOptions } from './output.ts';
import type { CliContext, Verb } from './verb.ts';

/** What the options of every verb say. */
interface CommonOptions {
  readonly data?: string;
  readonly log?: string;
  readonly config?: string;
  readonly set?: readonly Flag[];
  readonly json?: boolean;
  readonly verbose?: boolean;
}

export interface ProgramWorld extends Omit<OutputOptions, 'json'> {
  readonly stdin: NodeJS.ReadableStream;
  readonly signal: AbortSignal;
  readonly workingDirectory: string;
}

export interface Program {
  readonly command: Command;
  readonly context: CliContext;
}

/** The command tree with all verbs; nothing runs until `command.parseAsync`. */
export function buildProgram(verbs: readonly Verb[], world: ProgramWorld): Program {
  const command = new Command('tributary');
  const options = (): CommonOptions => command.opts();
  const output = new Output({ ...world, json: () => options().json === true });
  // Loaded just before a verb runs: `--help`, `--version` and completion do without.
  let load: typeof loadConfig | undefined;
  command.hook('preAction', async () => {
    ({ loadConfig: load } = await import('../platform/config/load.ts'));
  });
  const context: CliContext = {
    output,
    signal: world.signal,
    input: world.stdin,
    get verbose() {
      return options().verbose === true;
    },
    settings: (flags = []) => {
      assert(load !== undefined, 'the configuration is asked for by a running verb');
      return load({
        flags: [...commonFlags(options()), ...flags],
        file: options().config,
        environment: world.environment,
        workingDirectory: world.workingDirectory,
      });
    },
  };
  frame(command, output);
  for (const verb of verbs) verb.register(command, context);
  return { command, context };
}

function frame(command: Command, output: Output): void {
  const paint = picocolors.createColors(true);
  command
    .description('Live customer segmentation: events in, segment changes out, metrics in ClickHouse.')
    .version(packageVersion(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'help for a command')
    .helpCommand('help [command]', 'help for a command')
    .optionsGroup('Options of every command:')
    .option('--data <dir>', 'data directory (default: .tributary)')
    .option('--log <kind>', 'where topics live: embedded, memory or kafka (default: embedded)')
    .option('--config <file>', 'configuration file (default: tributary.yaml, if it is there)')
    .option('--set <key=value>', 'set any option of the configuration; can be repeated', collectSetting)
    .option('--json', 'data as JSON, one value a line; faults as JSON on stderr')
    .option('--verbose', 'log more, and show where a fault came from')
    .exitOverride()
    .showSuggestionAfterError()
    .configureHelp({
      showGlobalOptions: true,
      // Colours are taken out again where stdout is no terminal.
      styleTitle: (words) => paint.bold(words),
      styleCommandText: (words) => paint.cyan(words),
      styleSubcommandText: (words) => paint.cyan(words),
      styleOptionText: (words) => paint.cyan(words),
    })
    .configureOutput({
      writeOut: (words) => output.raw(words),
      writeErr: (words) => output.talk(words.trimEnd()),
      getOutHasColors: () => output.paint.isColorSupported,
      getErrHasColors: () => output.talkPaint.isColorSupported,
      getOutHelpWidth: () => Math.min(output.width, 120),
      outputError: (words, write) => write(words.replace(/^error: /, output.talkPaint.red('error USAGE') + ': ')),
    })
    .addHelpText('after', exitCodeHelp());
}

function exitCodeHelp(): string {
  const lines = EXIT_CODE_HELP.map(([code, words]) => `  ${String(code).padStart(3)}  ${words}`);
  return `\nExit codes:\n${lines.join('\n')}`;
}

function collectSetting(words: string, earlier: readonly Flag[] = []): readonly Flag[] {
  const at = words.indexOf('=');
  if (at < 1) throw new InvalidArgumentError('It has the form key=value, as clock.delayMs=1s.');
  return [
    ...earlier,
    { key: words.slice(0, at).trim(), value: words.slice(at + 1), place: `--set ${words.slice(0, at)}` },
  ];
}

function commonFlags(options: CommonOptions): readonly Flag[] {
  const flags: Flag[] = [];
  if (options.data !== undefined) flags.push({ key: 'data.directory', value: options.data, place: '--data' });
  if (options.log !== undefined) flags.push({ key: 'log.kind', value: options.log, place: '--log' });
  if (options.verbose === true) flags.push({ key: 'logging.level', value: 'debug', place: '--verbose' });
  return [...flags, ...(options.set ?? [])];
}

/**
 * Log lines where a person watches: pino's JSON as one short coloured line. Where stderr is no terminal the JSON goes out as
 * it is, for whatever collects it.
 */
import type { Config } from '../platform/config/options.ts';
import { createLogger, type Logger } from '../platform/telemetry/logger.ts';
import { printable } from './text.ts';
import type { CliContext } from './verb.ts';

/** As the logger writes them. */
interface Line {
  readonly time: string;
  readonly level: string;
  readonly component?: string;
  readonly task?: number;
  readonly message: string;
  readonly error?: unknown;
}

export function cliLogger({ output }: Pick<CliContext, 'output'>, { logging }: Config): Logger {
  if (!output.talkTerminal) return createLogger({ level: logging.level });
  const write = (line: string): void => output.talk(inWords(JSON.parse(line) as Line, output.talkPaint));
  return createLogger({ level: logging.level, write });
}

function inWords(line: Line, paint: CliContext['output']['talkPaint']): string {
  const { time, level, component, task, message, error, ...fields } = line;
  const colour = level === 'error' ? paint.red : level === 'warn' ? paint.yellow : paint.dim;
  const who = [component, task].filter((part) => part !== undefined).join(' ');
  const rest = Object.entries<unknown>(fields).map(([name, value]) => `${name}=${String(value)}`);
  const fault = error === undefined ? [] : [`error=${JSON.stringify(error)}`];
  const clock = time.slice(11, 19);
  return printable(`${clock} ${level.padEnd(5)} ${who.padEnd(12)} ${message}`)
    .replace(/^.*$/, (words) => colour(words))
    .concat(paint.dim(printable(['', ...rest, ...fault].join('  '))));
}

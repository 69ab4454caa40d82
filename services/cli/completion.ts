/**
 * Completion scripts, made from the command tree itself: one table of what may follow each command, in the words of each
 * shell. Where nothing of ours fits, the shell completes file names.
 */
import type { Command, Option } from 'commander';

export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

interface Choice {
  readonly word: string;
  readonly description: string;
}

interface Point {
  /** The verbs that lead here, as `config print`; empty at the start. */
  readonly path: string;
  readonly commands: readonly Choice[];
  readonly options: readonly Choice[];
  /** Words an argument may be. */
  readonly values: readonly string[];
}

export function completionScript(program: Command, shell: Shell): string {
  const points = pointsOf(program, '', optionsOf(program));
  switch (shell) {
    case 'bash':
      return bash(points);
    case 'zsh':
      return zsh(points);
    case 'fish':
      return fish(points);
  }
}

function pointsOf(command: Command, path: string, common: readonly Choice[]): Point[] {
  const commands = command.commands.map((child) => ({ word: child.name(), description: child.description() }));
  const options = path === '' ? common : [...optionsOf(command), ...common];
  const values = command.registeredArguments.flatMap((argument) => argument.argChoices ?? []);
  const here: Point = { path, commands, options, values };
  const deeper = command.commands.flatMap((child) => pointsOf(child, `${path} ${child.name()}`.trim(), common));
  return [here, ...deeper];
}

function optionsOf(command: Command): readonly Choice[] {
  return command
    .createHelp()
    .visibleOptions(command)
    .flatMap((option: Option) =>
      option.long === undefined ? [] : [{ word: option.long, description: option.description }],
    )
    .filter(({ word }) => word !== '--help' && word !== '--version');
}

function wordsOf({ commands, options, values }: Point): string {
  return [...commands, ...options]
    .map(({ word }) => word)
    .concat(values)
    .join(' ');
}

/** Which command line leads to which point: words that are no option and no value of one. */
const BASH_PATH = `
  local path="" word i
  for ((i = 1; i < COMP_CWORD; i++)); do
    word="\${COMP_WORDS[i]}"
    case "$word" in
      -*) ;;
      *) case " \${_tributary_paths[*]// /_} " in
           *" \${path:+\${path// /_}_}$word "*) path="\${path:+$path }$word" ;;
         esac ;;
    esac
  done`;

function bash(points: readonly Point[]): string {
  const paths = points.filter(({ path }) => path !== '').map(({ path }) => `'${path}'`);
  const cases = points.map((point) => `    '${point.path}') words='${wordsOf(point)}' ;;`);
  return `# bash completion for tributary
_tributary_paths=(${paths.join(' ')})
_tributary() {${BASH_PATH}
  local words=""
  case "$path" in
${cases.join('\n')}
  esac
  COMPREPLY=($(compgen -W "$words" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _tributary tributary
`;
}

function zsh(points: readonly Point[]): string {
  const quoted = ({ word, description }: Choice): string =>
    `'${word}:${description.replaceAll("'", "'\\''").replaceAll(':', '\\:')}'`;
  const cases = points.map((point) => {
    const values = point.values.map((word) => ({ word, description: '' }));
    return `    '${point.path}') choices=(${[...point.commands, ...values, ...point.options].map(quoted).join(' ')}) ;;`;
  });
  const paths = points.filter(({ path }) => path !== '').map(({ path }) => `'${path}'`);
  return `#compdef tributary
_tributary() {
  local -a paths choices
  local at="" word
  paths=(${paths.join(' ')})
  for word in \${words[2,CURRENT-1]}; do
    if (( \${paths[(Ie)\${at:+$at }$word]} )); then at="\${at:+$at }$word"; fi
  done
  case "$at" in
${cases.join('\n')}
  esac
  _describe 'tributary' choices || _files
}
if [ "$funcstack[1]" = "_tributary" ]; then _tributary "$@"; else compdef _tributary tributary; fi
`;
}

function fish(points: readonly Point[]): string {
  const quote = (words: string): string => `'${words.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
  const paths = points.filter(({ path }) => path !== '').map(({ path }) => quote(path));
  const lines = points.flatMap((point) => {
    const here = `complete -c tributary -n ${quote(`__tributary_at ${quote(point.path)}`)}`;
    return [
      ...point.commands.map(({ word, description }) => `${here} -f -a ${word} -d ${quote(description)}`),
      ...point.values.map((word) => `${here} -f -a ${word}`),
      ...point.options.map(({ word, description }) => `${here} -l ${word.slice(2)} -d ${quote(description)}`),
    ];
  });
  return `# fish completion for tributary
function __tributary_at
  set -l paths ${paths.join(' ')}
  set -l at ''
  for word in (commandline -opc)[2..]
    if contains -- (string trim "$at $word") $paths
      set at (string trim "$at $word")
    end
  end
  test "$at" = "$argv[1]"
end
${lines.join('\n')}
`;
}

import { Argument, type Command } from 'commander';
import { completionScript, SHELLS, type Shell } from '../completion.ts';
import { GROUPS, withExamples, type CliContext, type Verb } from '../verb.ts';

/** `completion`: a script that lets a shell complete our commands. */
export const completionVerb: Verb = { register };

function register(program: Command, { output }: CliContext): void {
  const command = program
    .command('completion')
    .description('print the completion script for a shell')
    .helpGroup(GROUPS.operate)
    .addArgument(new Argument('<shell>', 'which shell').choices(SHELLS))
    .action((shell: Shell) => output.raw(completionScript(program, shell)));
  withExamples(command, [
    ['source <(tributary completion bash)', 'For this shell; put the line into ~/.bashrc for every one.'],
    ['tributary completion zsh > "${fpath[1]}/_tributary"', 'For zsh, from the next start on.'],
    ['tributary completion fish > ~/.config/fish/completions/tributary.fish', 'For fish.'],
  ]);
}

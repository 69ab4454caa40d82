import { Option, type Command } from 'commander';
import { grantCommand, rightsOf, SERVICE_WORDS, SERVICES, type Right, type Service } from '../acl/rights.ts';
import { GROUPS, withExamples, type CliContext, type Verb } from '../verb.ts';

/** `acl print`: what to grant on the brokers. */
export const aclVerb: Verb = { register };

/** One line, and one document of `--json`. */
interface Line extends Right {
  readonly service: Service;
}

interface PrintOptions {
  readonly service?: Service;
  readonly commands?: true;
  readonly principal: string;
}

function register(program: Command, context: CliContext): void {
  const acl = program.command('acl').description('rights that services need on the brokers').helpGroup(GROUPS.operate);
  withExamples(
    acl
      .command('print')
      .description('the least rights of each service, with the names of this configuration; asks no broker')
      .addOption(new Option('--service <service>', 'only this service').choices([...SERVICES]))
      .option('--commands', "as commands of Kafka's own tool, kafka-acls.sh")
      .option('--principal <principal>', 'whom to grant them to, for --commands', 'User:tributary')
      .action((options: PrintOptions) => print(context, options)),
    [
      ['tributary acl print', 'Everything, service by service.'],
      ['tributary acl print --service up --commands --principal User:tributary', 'What an administrator runs.'],
    ],
  );
}

function print({ output, settings }: CliContext, { service, commands, principal }: PrintOptions): void {
  const { config } = settings();
  const chosen = service === undefined ? SERVICES : [service];
  const lines = chosen.flatMap((each) => rightsOf(each, config).map((right): Line => ({ service: each, ...right })));
  if (commands === true) {
    for (const each of chosen) {
      output.words(`# ${each}: ${SERVICE_WORDS[each]}`);
      for (const right of rightsOf(each, config)) output.words(grantCommand(right, principal, config.kafka.brokers));
    }
    return;
  }
  if (output.json) {
    for (const line of lines) output.datum(line, '');
    return;
  }
  output.table(
    [
      { title: 'SERVICE', cell: (line) => line.service },
      { title: 'RESOURCE', cell: ({ resource }) => resource },
      { title: 'NAME', cell: ({ name, pattern }) => (pattern === 'prefixed' ? `${name}*` : name), elastic: true },
      { title: 'OPERATIONS', cell: ({ operations }) => operations.join(', ') },
      { title: 'WHY', cell: ({ why }) => why },
    ],
    lines,
  );
  for (const each of chosen) output.talk(`${each}: ${SERVICE_WORDS[each]}`);
}

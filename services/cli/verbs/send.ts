import { randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import { Argument, type Command } from 'commander';
import { INPUTS, type Input } from '../../core/domain/events/header.ts';
import { Fault } from '../../core/faults.ts';
import type { ToldLine } from '../../ingest/json/event-sender.ts';
import { topicNames } from '../../platform/topics/topic-plan.ts';
import { linesOf } from '../input-lines.ts';
import { withLog } from '../open-log.ts';
import { counted, formatCount } from '../text.ts';
import { GROUPS, withExamples, type CliContext, type Verb } from '../verb.ts';

/** `send`: one event, or many as lines of JSON. */
export const sendVerb: Verb = { register };

/** How many refused lines the closing message names; each was told when it was met. */
const NAMED_MAX = 10;

interface SendOptions {
  readonly source: string;
}

function register(program: Command, context: CliContext): void {
  const command = program
    .command('send')
    .description('send events: one as an argument, or many as lines of JSON from a file or from stdin')
    .helpGroup(GROUPS.bring)
    .addArgument(new Argument('<input>', 'what kind of event').choices(INPUTS))
    .argument('[event]', 'the event as JSON, or @FILE with one event a line; without it they are read from stdin')
    .option('--source <name>', 'the system they come from, where an event does not say it', 'cli')
    .action((input: Input, event: string | undefined, options: SendOptions) => send(input, event, options, context));
  withExamples(command, [
    [
      `tributary send interactions '{"customerId":"c-1","kind":"contact","channel":"phone","direction":"inbound","actor":"customer"}'`,
      'One contact. eventId, occurredAt, receivedAt and source are filled in; with an eventId of yours a repeat is no second event.',
    ],
    [
      'tributary send purchases @orders.ndjson',
      'A file with one event a line. Refused lines are named, the others are sent.',
    ],
    ['my-export | tributary send surveys --json', 'A stream; each chunk is acknowledged before the next is read.'],
  ]);
}

async function send(input: Input, event: string | undefined, options: SendOptions, context: CliContext): Promise<void> {
  const { output, signal } = context;
  const { EventSender } = await import('../../ingest/json/event-sender.ts');
  const { openRegistry } = await import('../../platform/registry/registry.ts');
  await withLog(context, { owner: false }, async ({ log, config }) => {
    const names = topicNames(config.topics);
    const { currency } = config.workspace;
    const sender = await EventSender.open({
      ...{ log, input, topic: names[input], registry: await openRegistry(log, config) },
      defaults: { eventId: randomUUID, source: options.source, now: Date.now },
      bounds: { futureMs: config.future.limitMs, latenessMs: config.lateness.limitMs, currency },
    });
    const named: string[] = [];
    let doubted = 0;
    for await (const lines of linesOf(streamOf(event, context), signal)) {
      for (const told of await sender.send(lines)) {
        const isRefused = told.mistakes.length > 0;
        // A stream of a year's events is one slip, not a million: the count comes at the end.
        if (isRefused || output.json || doubted++ < NAMED_MAX) tell(told, context);
        if (isRefused && named.length < NAMED_MAX) named.push(inWords(told));
      }
    }
    const { acknowledged, refused, doubtful } = sender;
    if (doubtful > NAMED_MAX && !output.json) output.talk(`… and ${formatCount(doubtful - NAMED_MAX)} more to look at`);
    output.datum({ acknowledged, refused, doubtful }, `${formatCount(acknowledged)} acknowledged`);
    if (refused > 0) {
      const what = refused === 1 ? 'One event was' : `${formatCount(refused)} events were`;
      throw new Fault('EVENT_REFUSED', `${what} refused`, {
        mistakes: output.json ? named : [],
        next: `Correct ${refused === 1 ? 'it' : 'them'} as listed and send again; what is acknowledged is sent already.`,
      });
    }
    if (signal.aborted) throw new Fault('INTERRUPTED', `Stopped after ${counted(acknowledged, 'event')}`);
  });
}

function streamOf(event: string | undefined, { input, output }: CliContext): NodeJS.ReadableStream {
  if (event !== undefined && event !== '-') {
    return event.startsWith('@') ? fileStream(event.slice(1)) : Readable.from([event.replaceAll('\n', ' ')]);
  }
  if ((input as Partial<NodeJS.ReadStream>).isTTY === true) output.talk('Reading events, one a line; end with Ctrl-D.');
  return input;
}

function fileStream(path: string): NodeJS.ReadableStream {
  const stream = createReadStream(path);
  return Readable.from(
    (async function* () {
      try {
        for await (const chunk of stream) yield chunk as Buffer;
      } catch (cause) {
        throw new Fault('NOT_FOUND', `${path} cannot be read`, { facts: { file: path }, cause });
      }
    })(),
  );
}

function tell(told: ToldLine, { output }: CliContext): void {
  const { line, mistakes, doubts } = told;
  if (output.json) output.datum(mistakes.length > 0 ? { line, mistakes } : { line, doubts }, '');
  else output.talk(`${output.talkPaint.yellow(mistakes.length > 0 ? 'refused' : 'look at')} ${inWords(told)}`);
}

function inWords({ line, mistakes, doubts }: ToldLine): string {
  const said = mistakes.length > 0 ? mistakes : doubts;
  return `line ${line}: ${said.map(({ field, message }) => `${field === '' ? 'the event' : field} ${message}`).join('; ')}`;
}

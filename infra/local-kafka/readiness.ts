/** When a server can be used: asked over its own protocol, never guessed from its log. */
import { existsSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { LOOPBACK } from './ports.ts';
import { pidOf } from './processes.ts';
import { Trouble } from './trouble.ts';

const READY_MS = 60_000;
const POLL_MS = 100;
const ASK_MS = 2_000;
const LINES_SHOWN = 6;

export interface Awaited {
  readonly name: string;
  readonly mark: string;
  readonly isReady: () => Promise<boolean>;
  /** Where it says why it does not start, the telling one first. */
  readonly logFiles: readonly string[];
}

/** Throws Trouble with the end of its log when it ends before it is ready, or is not ready within a minute. */
export async function untilReady({ name, mark, isReady, logFiles }: Awaited): Promise<void> {
  const deadline = Date.now() + READY_MS;
  while (!(await isReady())) {
    if ((await pidOf(mark)) === undefined) throw failed(`${name} ended while it started`, logFiles);
    if (Date.now() > deadline) throw failed(`${name} is not ready after ${READY_MS / 1000} s`, logFiles);
    await sleep(POLL_MS);
  }
}

function failed(what: string, logFiles: readonly string[]): Trouble {
  const file = logFiles.find((each) => existsSync(each) && readFileSync(each, 'utf8').trim() !== '');
  if (file === undefined) return new Trouble(what, 'It said nothing: try again.');
  const lines = readFileSync(file, 'utf8').trim().split('\n');
  const telling = lines.filter((line) => /ERROR|FATAL|Exception/.test(line));
  const shown = (telling.length > 0 ? telling : lines).slice(-LINES_SHOWN).join('\n  ');
  return new Trouble(`${what}:\n  ${shown}`, `Read ${file}.`);
}

/** Whether a broker answers and is in the cluster's own list of brokers: only then topics can be created. */
export async function brokerIsReady(port: number): Promise<boolean> {
  // Metadata (key 3, version 1), correlation id 0, no client id, no topics.
  const request = Buffer.from([0, 0, 0, 14, 0, 3, 0, 1, 0, 0, 0, 0, 0xff, 0xff, 0, 0, 0, 0]);
  const answer = await firstBytes(port, request, 12);
  // Size, correlation id, number of brokers.
  return answer !== undefined && answer.readInt32BE(8) > 0;
}

/** Whether a registry says that it is ready. */
export async function registryIsReady(port: number): Promise<boolean> {
  try {
    const response = await fetch(`http://${LOOPBACK}:${port}/health/ready`, { signal: AbortSignal.timeout(ASK_MS) });
    return response.ok;
  } catch {
    // Nobody listens yet.
    return false;
  }
}

async function firstBytes(port: number, request: Buffer, count: number): Promise<Buffer | undefined> {
  const socket = connect(port, LOOPBACK);
  socket.setTimeout(ASK_MS, () => socket.destroy());
  try {
    return await new Promise((resolve) => {
      let received = Buffer.alloc(0);
      socket.on('data', (chunk: Buffer) => {
        received = Buffer.concat([received, chunk]);
        if (received.length >= count) resolve(received);
      });
      // Nobody listens yet, or the broker closes what it is not ready for: both mean "not yet".
      socket.on('error', () => resolve(undefined));
      socket.on('close', () => resolve(undefined));
      socket.write(request);
    });
  } finally {
    socket.destroy();
  }
}

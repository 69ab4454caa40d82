/** Tasks in several threads and processes on a real broker: they share the work, take over from who dies, and drain. */
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ChildProcess } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { jsonLines, runCli, startCli, temporaryFolder } from '../cli/run-cli.ts';
import { testBroker } from '../kafka/broker.ts';

const CUSTOMERS = 24;
const SEGMENT = `key: caller
name: Caller
goal: Shows that each customer is counted once, whoever runs its task.
enter:
  count: { event: interaction, within: 30d, where: { kind: contact } }
  atLeast: 2
`;

const broker = await testBroker();

describe('threads', () => {
  it('are refused on a log that one process owns', async () => {
    const folder = temporaryFolder();
    const { code, stderr } = await runCli(['up', '--threads', '2', '--data', folder.path, '--set', 'http.port=0']);
    folder.remove();
    expect(code).not.toBe(0);
    expect(stderr).toContain('segmenter.threads is 2; with log.kind = embedded tasks run in one thread');
  });
});

describe.skipIf(broker === undefined)('threads and processes on Kafka', () => {
  const folder = temporaryFolder();
  const prefix = `threads-${randomUUID().slice(0, 8)}.`;
  const settings = (data: string) => [
    ...['--log', 'kafka', '--data', join(folder.path, data), '--set', `kafka.brokers=${broker!.brokers}`],
    ...['--set', `topics.prefix=${prefix}`, '--set', `kafka.idPrefix=${prefix}`, '--set', 'http.port=0'],
    ...['--set', 'kafka.sessionMs=6s', '--set', 'clickhouse.url=http://127.0.0.1:1'],
  ];
  const running: ChildProcess[] = [];

  const up = async (data: string): Promise<ChildProcess> => {
    const child = startCli(['up', '--threads', '2', ...settings(data)]);
    running.push(child);
    let said = '';
    await new Promise<void>((resolve, reject) => {
      child.once('exit', (code) => reject(new Error(`up ended with ${code}: ${said}`)));
      child.stderr!.on('data', (chunk) => {
        said += String(chunk);
        if (said.includes('"message":"started"')) resolve();
      });
    });
    child.stdout!.resume();
    return child;
  };

  const contacts = async (round: number): Promise<void> => {
    const lines = Array.from({ length: CUSTOMERS }, (_, customer) =>
      JSON.stringify({
        customerId: `c${customer}`,
        kind: 'contact',
        channel: 'phone',
        eventId: `${round}-${customer}`,
      }),
    );
    const sent = await runCli(['send', 'interactions', ...settings('cli')], { stdin: lines.join('\n') });
    expect(sent).toMatchObject({ code: 0 });
  };

  const changes = async (): Promise<readonly string[]> => {
    const told = await runCli(['tail', 'changes', '--from-beginning', '--no-follow', '--json', ...settings('cli')]);
    return jsonLines(told.stdout).map(({ value }) => {
      const { customerId, kind, seq } = value as Readonly<Record<string, unknown>>;
      return `${String(customerId)} ${String(kind)} ${String(seq)}`;
    });
  };

  const entered = Array.from({ length: CUSTOMERS }, (_, customer) => `c${customer} entered 1`).sort();

  beforeAll(async () => {
    mkdirSync(join(folder.path, 'rules'), { recursive: true });
    writeFileSync(join(folder.path, 'rules', 'caller.yaml'), SEGMENT);
    expect(await runCli(['topics', 'apply', ...settings('cli')])).toMatchObject({ code: 0 });
    expect(await runCli(['segments', 'apply', join(folder.path, 'rules'), ...settings('cli')])).toMatchObject({
      code: 0,
    });
  }, 120_000);

  afterAll(() => {
    for (const child of running) child.kill('SIGKILL');
    folder.remove();
  });

  it('share the work; what one of them leaves behind, killed or stopped, another goes on with', async () => {
    const first = await up('first');
    const second = await up('second');
    await contacts(1);
    first.kill('SIGKILL');
    await once(first, 'exit');
    await contacts(2);
    await expect.poll(async () => [...(await changes())].sort(), { timeout: 60_000, interval: 500 }).toEqual(entered);
    second.removeAllListeners('exit');
    second.kill('SIGTERM');
    expect(await once(second, 'exit')).toEqual([0, null]);
    const checked = await runCli(['verify', '--no-clickhouse', '--json', ...settings('cli')]);
    expect(checked).toMatchObject({ code: 0 });
  }, 180_000);
});

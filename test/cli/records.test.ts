import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Fault } from '../../services/core/faults.ts';
import { RecordBatchBuilder } from '../../services/core/streams/record-batch.ts';
import { deadLetterHeaders } from '../../services/segmenter/dead-letter.ts';
import { openEmbeddedLog } from '../../services/platform/embedded-log/embedded-log.ts';
import { jsonLines, runCli, startCli, type CliOptions } from './run-cli.ts';

const HOUR_MS = 3_600_000;
/** An hour ago, at another offset than ours. */
const OCCURRED = new Date(Date.now() + HOUR_MS).toISOString().replace('Z', '+02:00');

let home: string;
beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'tributary-records-'));
  expect((await cli(['topics', 'apply'])).code).toBe(0);
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

const cli = (args: readonly string[], options: CliOptions = {}) => runCli(args, { cwd: home, ...options });

function contact(customerId: string, more: Record<string, unknown> = {}): string {
  return JSON.stringify({ customerId, kind: 'contact', channel: 'phone', actor: 'customer', ...more });
}

describe('send', () => {
  it('fills in what an event does not say, and acknowledges it', async () => {
    const before = Date.now();
    const sent = await cli(['send', 'interactions', contact('c-one', { occurredAt: OCCURRED })]);
    expect(sent).toEqual({ code: 0, stdout: '1 acknowledged\n', stderr: '' });
    const [record] = jsonLines((await cli(['tail', 'interactions', '--no-follow', '--json', '--key', 'c-one'])).stdout);
    expect(record).toMatchObject({ topic: 'customer.interactions.v1', key: 'c-one' });
    const value = record!['value'] as Record<string, unknown>;
    expect(value).toMatchObject({
      source: 'cli',
      occurredAt: Date.parse(OCCURRED),
      direction: 'none',
      ticket: null,
    });
    expect(value['receivedAt']).toBeGreaterThanOrEqual(before);
    expect(value['eventId']).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('names each refused line with all its mistakes, sends the others, and exits with 2', async () => {
    const lines = [
      contact('c-two'),
      'not json',
      '',
      contact('c-two', { chanel: 'phone', channel: 'phne', ticket: { priority: 'high', slaMet: 'yes' } }),
      JSON.stringify({ kind: 'contact', occurredAt: 'yesterday' }),
      contact('', { sentiment: 7 }),
      contact('c-two'),
    ];
    const { code, stdout, stderr } = await cli(['send', 'interactions'], { stdin: lines.join('\n') });
    expect(code).toBe(2);
    expect(stdout).toBe('2 acknowledged\n');
    expect(stderr).toContain('next: Correct them as listed and send again; what is acknowledged is sent already.');
    expect(stderr).not.toContain('dead-letters');
    expect(stderr.split('\n').slice(0, 5)).toEqual([
      'refused line 2: the event is no JSON',
      'refused line 4: channel has no such value; did you mean phone?; chanel is no field; did you mean channel?; ticket.slaMet must be true or false',
      expect.stringMatching(/^refused line 5: occurredAt must be an instant: .*; customerId is missing$/),
      expect.stringMatching(/^refused line 6: customerId must not be empty; sentiment must be from -1 to 1/),
      'error EVENT_REFUSED: 4 events were refused',
    ]);
  });

  it('takes a file, and tells a program what it did with --json', async () => {
    writeFileSync(
      join(home, 'orders.ndjson'),
      '{"customerId":"c-3","kind":"order","amountMinor":-5,"currency":"EUR"}\n',
    );
    const { code, stdout } = await cli(['send', 'purchases', '@orders.ndjson', '--json']);
    expect(code).toBe(2);
    const [refused, summary] = jsonLines(stdout);
    expect(refused).toMatchObject({ line: 1 });
    expect(JSON.stringify(refused)).toContain('must not be negative on order');
    expect(summary).toEqual({ acknowledged: 0, refused: 1, doubtful: 0 });
    expect((await cli(['send', 'purchases', '@absent.ndjson'])).code).toBe(4);
  });

  it('says at once what will not do what its sender expects', async () => {
    const order = { customerId: 'c-4', kind: 'order', orderId: 'o', amountMinor: 500, currency: 'EUR' };
    const lines = [
      { ...order, occurredAt: new Date(Date.now() + 2 * HOUR_MS).toISOString(), currency: 'USD' },
      { ...order, occurredAt: new Date(Date.now() - 10 * 24 * HOUR_MS).toISOString(), amountBaseMinor: 540 },
      order,
      { ...order, currency: 'USD' },
    ];
    const stdin = lines.map((line) => JSON.stringify(line)).join('\n');
    const { code, stdout, stderr } = await cli(['send', 'purchases'], { stdin });
    expect({ code, stdout }).toEqual({ code: 0, stdout: '4 acknowledged\n' });
    expect(stderr.trimEnd().split('\n')).toEqual([
      expect.stringMatching(
        /^look at line 1: occurredAt lies .*hour.* ahead: beyond 5 minutes it goes to the dead letters$/,
      ),
      expect.stringMatching(
        /^look at line 2: occurredAt lies 10 days back: beyond 7 days it is journaled and counts in no rule$/,
      ),
      "look at line 3: amountBaseMinor is not said, and EUR is not the workspace's USD: the amount counts in no sum",
    ]);
    const sent = jsonLines((await cli(['tail', 'purchases', '--no-follow', '--json', '--key', 'c-4'])).stdout);
    const base = sent.map(({ value }) => (value as Record<string, unknown>)['amountBaseMinor']);
    expect(base).toEqual([500, 540, null, 500]);
    const json = jsonLines((await cli(['send', 'purchases', JSON.stringify(order), '--json'])).stdout);
    expect(json).toEqual([
      { line: 1, doubts: [{ field: 'amountBaseMinor', message: expect.any(String) as string }] },
      { acknowledged: 1, refused: 0, doubtful: 1 },
    ]);
  });

  it('sends a stream of many events whole, each to the partition of its customer', async () => {
    const count = 5_000;
    const stdin = Array.from({ length: count }, (_, index) => contact(`many-${index}`)).join('\n');
    expect((await cli(['send', 'interactions', '--source', 'crm'], { stdin })).stdout).toBe('5,000 acknowledged\n');
    const { stdout } = await cli(['tail', 'interactions', '--no-follow', '--json']);
    const records = jsonLines(stdout).filter(({ key }) => String(key).startsWith('many-'));
    expect(new Set(records.map(({ key }) => key)).size).toBe(count);
    expect(new Set(records.map(({ partition }) => partition)).size).toBe(4);
  });

  it('is stopped by a signal while it waits for input, with exit code 130', async () => {
    const child = startCli(['send', 'interactions'], { cwd: home });
    child.stdin!.write(`${contact('c-stop')}\n`);
    await until(async () => {
      return (await cli(['tail', 'interactions', '--no-follow', '--key', 'c-stop'])).stdout !== '';
    });
    child.kill('SIGTERM');
    expect(await once(child, 'close')).toEqual([130, null]);
  });
});

describe('tail', () => {
  it('follows what another process appends, and ends well on a signal', async () => {
    const child = startCli(['tail', 'surveys', '--json'], { cwd: home });
    let stdout = '';
    child.stdout!.on('data', (chunk) => (stdout += String(chunk)));
    const answer = { customerId: 'c-5', kind: 'csat', surveyId: 's', questionId: 'q', responseId: 'r', score: 4 };
    const event = JSON.stringify(answer);
    await until(async () => {
      await cli(['send', 'surveys', event]);
      return stdout !== '';
    });
    child.kill('SIGINT');
    expect(await once(child, 'close')).toEqual([0, null]);
    expect(jsonLines(stdout)[0]).toMatchObject({ key: 'c-5', value: { score: 4 } });
  });

  it('ends after --limit records, and is a success when its reader has seen enough', async () => {
    const limited = await cli(['tail', 'interactions', '--from-beginning', '--limit', '2', '--json']);
    expect(jsonLines(limited.stdout)).toHaveLength(2);
    const child = startCli(['tail', 'interactions', '--from-beginning'], { cwd: home });
    await once(child.stdout!, 'data');
    child.stdout!.destroy();
    expect(await once(child, 'close')).toEqual([0, null]);
  });

  it('says that there is no such topic', async () => {
    const { code, stderr } = await cli(['tail', 'purchase']);
    expect(code).toBe(4);
    expect(stderr).toContain('error TOPIC_UNKNOWN: There is no topic purchase; did you mean purchases?');
    expect(stderr).toContain('next: Name one of interactions, purchases, ');
  });
});

describe('dead-letters', () => {
  const original = 'customer.purchases.v1';
  const value = Buffer.from([0, 0, 0, 0, 1, 0xff, 0xff]);

  beforeAll(async () => {
    const log = await openEmbeddedLog({ directory: join(home, '.tributary', 'log'), owner: false });
    const headers = [{ key: 'traceparent', value: Buffer.from('00-1') }];
    const place = { input: 1, topic: original, partition: 2, timestamp: Date.UTC(2026, 0, 1) };
    for (const [offset, code] of [['RECORD_UNDECODABLE'], ['SCHEMA_UNKNOWN']].entries()) {
      const record = { ...place, offset, key: Buffer.from('c-9'), value, headers: () => headers };
      const fault = new Fault(code[0] as 'SCHEMA_UNKNOWN', 'No schema is registered under id 1');
      const batch = new RecordBatchBuilder();
      batch.append(Date.now(), record.key, value, undefined, deadLetterHeaders(record, 'decode', fault));
      await log.append({ topic: 'customer.dead-letters.v1', partition: 2 }, batch.finish());
    }
    await log.close();
  });

  const purchases = async () => {
    const { stdout } = await cli(['tail', original, '--no-follow', '--json']);
    // Not by --key: the letters came from another partition than their key's.
    const own = jsonLines(stdout).filter(({ key }) => key === 'c-9');
    return own.map(({ partition, key, headers }) => ({ partition, key, headers }));
  };

  it('are listed with code, origin and reason', async () => {
    const { stdout, stderr } = await cli(['dead-letters', 'list']);
    expect(stdout).toMatch(/2:0 .* RECORD_UNDECODABLE +customer\.purchases\.v1 2:0 +c-9 +0 +No schema is registered/);
    expect(stderr).toBe('2 dead letters\n');
    const json = jsonLines((await cli(['dead-letters', 'list', '--code', 'SCHEMA_UNKNOWN', '--json'])).stdout);
    expect(json).toMatchObject([{ code: 'SCHEMA_UNKNOWN', original: { topic: original, partition: 2, offset: 1 } }]);
  });

  it('are shown whole, raw bytes included', async () => {
    const { stdout } = await cli(['dead-letters', 'show', '2:1', '--json']);
    const [letter] = jsonLines(stdout);
    expect(letter).toMatchObject({ value: value.toString('hex'), record: null, headers: { traceparent: '00-1' } });
    const missing = await cli(['dead-letters', 'show', '2:99']);
    expect(missing.code).toBe(4);
    expect(missing.stderr).toContain('next: `tributary dead-letters list` shows the place of each.');
    expect((await cli(['dead-letters', 'show', '9:0'])).code).toBe(4);
  });

  it('go back to their partition as they came, each once', async () => {
    expect((await cli(['dead-letters', 'retry', '--all', '--dry-run'])).stdout).toBe('2  would be put back\n');
    expect(await purchases()).toEqual([]);
    expect((await cli(['dead-letters', 'retry', '2:1'])).stdout).toBe('1  put back\n');
    expect((await cli(['dead-letters', 'retry', '--all'])).stdout).toBe('1  put back\n');
    expect((await cli(['dead-letters', 'retry', '--all'])).stdout).toBe('no dead letters\n');
    expect((await cli(['dead-letters', 'retry', '2:1'])).stdout).toBe('1  was put back before\n');
    const put = (of: string) => {
      const headers = { traceparent: '00-1', 'tributary.retry.attempt': '1', 'tributary.retry.of': of };
      return { partition: 2, key: 'c-9', headers };
    };
    expect(await purchases()).toEqual([put('2:1'), put('2:0')]);
  });

  it('are left where they are after too many attempts', async () => {
    const { stdout } = await cli(['dead-letters', 'retry', '2:1', '--again', '--attempts', '1']);
    expect(stdout).toBe('1  put back\n');
    expect((await cli(['dead-letters', 'retry'])).code).toBe(2);
    expect((await cli(['dead-letters', 'retry', '2:1', '--all'])).code).toBe(2);
  });
});

describe('dead letters that are dealt with', () => {
  const topic = 'customer.dead-letters.v1';
  const doctor = async () => {
    const { stdout } = await cli(['doctor', '--json']);
    return jsonLines(stdout).find(({ check }) => check === 'dead letters')!['message'];
  };

  it('are put back or dismissed with a reason, are counted no more, and stay where they are', async () => {
    expect((await cli(['dead-letters', 'list'])).stderr).toBe('0 dead letters; 2 dealt with (--all shows them)\n');
    const log = await openEmbeddedLog({ directory: join(home, '.tributary', 'log'), owner: false });
    const batch = new RecordBatchBuilder();
    for (const key of ['a', 'b']) batch.append(Date.now(), Buffer.from(key), Buffer.from('no Avro'));
    const { baseOffset } = await log.append({ topic, partition: 3 }, batch.finish());
    await log.close();
    expect(await doctor()).toBe('UNKNOWN 2, 2 dealt with');

    const dismissal = ['dead-letters', 'dismiss', `3:${baseOffset}`];
    expect((await cli(dismissal)).code).toBe(2);
    const dismissed = await cli([...dismissal, '--reason', 'sent again by hand']);
    expect(dismissed).toEqual({ code: 0, stdout: '1 dead letter dismissed\n', stderr: '' });
    const again = await cli([...dismissal, '--reason', 'once more']);
    expect([again.stdout, again.stderr]).toEqual(['0 dead letters dismissed\n', '1 dealt with before\n']);
    expect((await cli(['dead-letters', 'list'])).stderr).toBe('1 dead letter; 3 dealt with (--all shows them)\n');
    const { stdout } = await cli(['dead-letters', 'show', `3:${baseOffset}`]);
    expect(stdout).toMatch(/dealt with dismissed .* UTC by .*: sent again by hand/);
    expect((await cli(['dead-letters', 'dismiss', '--all', '--reason', 'a test'])).stdout).toContain(
      '1 dead letter dismissed',
    );
    expect(await doctor()).toBe('none open, 4 dealt with');

    const all = jsonLines((await cli(['dead-letters', 'list', '--all', '--json'])).stdout);
    expect(all.map(({ mark }) => (mark as { as: string }).as)).toEqual([
      'put back',
      'put back',
      'dismissed',
      'dismissed',
    ]);
    expect((await cli(['dead-letters', 'show', `3:${baseOffset + 2}`])).code).toBe(4);
  });
});

describe('backup and restore', () => {
  it('bring every record to another data directory, and refuse one that is in use', async () => {
    const copied = await cli(['backup', 'copy', '--json']);
    expect(copied.code).toBe(0);
    const restored = await cli(['restore', 'copy', '--data', 'other']);
    expect(restored.stdout).toMatch(/^[\d,]+ records restored to .*other, all intact/);
    const tail = ['tail', 'interactions', '--no-follow', '--key', 'c-one', '--json'];
    expect((await cli([...tail, '--data', 'other'])).stdout).toBe((await cli(tail)).stdout);
    expect((await cli(['restore', 'copy'])).stderr).toContain('is not empty');
    expect((await cli(['backup', 'copy2', '--data', 'absent'])).code).toBe(4);
  });
});

describe('a backup', () => {
  it.each(['.tributary', '.tributary/copy', '.tributary/log/copy'])(
    'is refused in %s, where the log lives',
    async (to) => {
      const { code, stderr } = await cli(['backup', to]);
      expect(code).toBe(2);
      expect(stderr).toMatch(/is inside the data directory .*\.tributary\n/);
      expect(stderr).toContain('next: Choose a folder outside of it');
      expect(existsSync(join(home, '.tributary', 'copy'))).toBe(false);
    },
  );

  it('is not what a folder holds that none was written to, or only a part', async () => {
    mkdirSync(join(home, 'holiday'));
    const none = await cli(['restore', 'holiday', '--data', 'third']);
    expect(none.code).toBe(2);
    expect(none.stderr).toMatch(/error BACKUP_UNUSABLE: There is no backup in .*holiday/);
    expect(none.stderr).toContain('next: Name a folder that `tributary backup` has finished');
    expect((await cli(['restore', 'nowhere', '--data', 'third'])).stderr).toContain('There is no backup in');
    writeFileSync(join(home, 'holiday', 'backup.json'), '{"kind":"tributary-log-ba');
    expect((await cli(['restore', 'holiday', '--data', 'third'])).stderr).toContain('There is no backup in');
    expect((await cli(['backup', 'part'])).code).toBe(0);
    truncateSync(join(home, 'part', 'data.mdb'), 4096);
    expect((await cli(['restore', 'part', '--data', 'third'])).stderr).toMatch(
      /BACKUP_UNUSABLE: The backup in .* is not whole/,
    );
    expect(existsSync(join(home, 'third'))).toBe(false);
  });
});

/** Waits for a condition, with a deadline. */
async function until(condition: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 30_000;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error('The condition did not come true within 30 s');
  }
}

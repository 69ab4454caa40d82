import { Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { Fault } from '../../services/core/faults.ts';
import { cliLogger } from '../../services/cli/log-lines.ts';
import { Output } from '../../services/cli/output.ts';
import { loadConfig } from '../../services/platform/config/load.ts';

describe('log lines on a terminal', () => {
  it('are short, in one line, and cannot steer it', () => {
    let written = '';
    const sink = new Writable({
      write: (chunk: Buffer, _encoding, done) => {
        written += chunk.toString();
        done();
      },
    });
    const stderr = Object.assign(sink, { isTTY: true as const, columns: 100 });
    const environment = { NO_COLOR: '1' };
    const output = new Output({ stdout: stderr, stderr, environment, json: () => false, closed: () => undefined });
    const { config } = loadConfig({ environment: {} });
    const logger = cliLogger({ output }, config).bind({ component: 'segmenter', task: 3 });
    logger.info({ topic: 'a\x1b[2J', offset: 7 }, 'Task restored');
    logger.warn({ error: new Fault('LOG_FULL', 'The disk is full') }, 'Trying again');
    const [first, second] = written.split('\n');
    expect(first).toMatch(/^\d\d:\d\d:\d\d info {2}segmenter 3 +Task restored {2}topic=a\uFFFD\[2J {2}offset=7$/);
    expect(second).toContain('warn  segmenter 3  Trying again  error={"code":"LOG_FULL"');
  });
});

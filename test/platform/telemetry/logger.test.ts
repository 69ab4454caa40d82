import { describe, expect, it } from 'vitest';
import { Fault } from '../../../services/core/faults.ts';
import { createLogger, fingerprint, type LogFields } from '../../../services/platform/telemetry/logger.ts';

const CANARIES = ['jane@example.org', '+44 20 7946 0958', 'my parcel is broken', 'Gold plan'];

function listen(level: 'debug' | 'info' | 'warn' = 'debug') {
  const lines: string[] = [];
  const logger = createLogger({ level, write: (line) => lines.push(line) });
  return { lines, logger: logger.bind({ component: 'segmenter', task: 2 }) };
}

describe('a log line', () => {
  it('has its time, level, component, task and fields first, and one sentence', () => {
    const { lines, logger } = listen();
    logger.info({ topic: 'customer.facts.v1', partition: 2, offset: 41, durationMs: 12 }, 'Task restored');
    const line = JSON.parse(lines[0]!) as Record<string, unknown>;
    expect(line).toMatchObject({
      level: 'info',
      component: 'segmenter',
      task: 2,
      offset: 41,
      message: 'Task restored',
    });
    expect(String(line['time'])).toMatch(/^\d{4}-\d\d-\d\dT/);
    expect(line).not.toHaveProperty('hostname');
    expect(lines[0]!.endsWith('}\n')).toBe(true);
  });

  it('is not written below the level', () => {
    const { lines, logger } = listen('warn');
    logger.debug({}, 'Fetched');
    logger.info({}, 'Started');
    logger.warn({ attempt: 2 }, 'Trying again');
    expect(lines).toHaveLength(1);
  });

  it('never holds a trait value, an address or a text of a person, wherever somebody puts it', () => {
    const { lines, logger } = listen();
    const [address, phone, text, trait] = CANARIES as [string, string, string, string];
    // Each of these is a slip that the types forbid and that the run time must forbid as well.
    const slips = { email: address, text, traits: { plan: trait }, event: { phone }, state: { text } };
    logger.info(slips as unknown as LogFields, 'Applied');
    logger.info({ customer: address }, 'Evaluated');
    logger.error({ error: new Error(`invalid "string": ${text}`) }, 'Failed');
    logger.error({ error: new TypeError(phone, { cause: new Error(address) }) }, 'Failed');
    logger.error({ error: text }, 'Failed');
    logger.error({ error: { message: text } }, 'Failed');
    const facts = { topic: 't', offset: 3, customer: address, text };
    logger.error(
      { error: new Fault('EVENT_REFUSED', `${text} is no score`, { facts, cause: new Error(trait) }) },
      'Refused',
    );
    logger.error({ error: new Fault('LOG_FULL', 'The disk is full', { mistakes: [text] }) }, 'Failed');
    const written = lines.join('');
    expect(lines).toHaveLength(8);
    for (const canary of CANARIES) expect(written).not.toContain(canary);
    expect(written).toContain(fingerprint(address));
  });

  it('keeps code, facts and place of a fault, and code and place of a foreign error', () => {
    const { lines, logger } = listen();
    const cause = Object.assign(new Error('write failed'), { code: 'ENOSPC' });
    logger.error({ error: new Fault('LOG_FULL', 'The disk is full', { facts: { partition: 1 }, cause }) }, 'Failed');
    const { error } = JSON.parse(lines[0]!) as { error: Record<string, unknown> };
    expect(error).toMatchObject({ code: 'LOG_FULL', message: 'The disk is full', facts: { partition: 1 } });
    expect(error['cause']).toMatchObject({ kind: 'Error', code: 'ENOSPC' });
    expect(JSON.stringify(error['at'])).toContain('logger.test.ts');
  });
});

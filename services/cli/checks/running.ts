import { INPUTS } from '../../core/domain/events/header.ts';
import type { Log } from '../../core/streams/log.ts';
import type { Config } from '../../platform/config/options.ts';
import type { HealthReport } from '../../platform/telemetry/health.ts';
import { APPLICATION } from '../../segmenter/segmenter.ts';
import { partitionsOf } from '../read-topic.ts';
import { formatCount, formatSpan } from '../text.ts';
import type { Check, CheckContext, Finding } from './check.ts';

const ANSWER_MS = 2_000;
const CLOCK_LAG_WARN_MS = 30_000;

/** What runs, and how far it is behind: from the positions in the log, and from the process itself where it can be asked. */
export const runningCheck: Check = {
  name: 'running',
  run: async (context) => {
    const { installation } = context;
    if (installation.config.log.kind === 'kafka') return runningHere(installation.config.http);
    const log = await installation.log();
    if (log === undefined) return [];
    const waiting = await recordsWaiting(log, context);
    const wait = waiting === 1 ? '1 record waits' : `${waiting === 0 ? 'no' : formatCount(waiting)} records wait`;
    const owner = await installation.owner();
    if (owner === undefined) {
      if (waiting === 0) return { level: 'ok', message: `nothing runs, ${wait}` };
      return { level: 'warn', message: `nothing runs, ${wait}`, fix: 'Start `tributary up`.' };
    }
    const { host, port } = installation.config.http;
    const url = `http://${host}:${port}`;
    const health = port === 0 ? undefined : await ask<HealthReport>(`${url}/healthz`, (answer) => answer.json());
    if (health === undefined) {
      const place = port === 0 ? 'http.port is 0, so its address is not known here' : `${url} does not answer`;
      const fix = 'Give doctor the http.port that the process was started with, with --set http.port=….';
      return { level: 'warn', message: `process ${owner.pid} runs, ${wait}; ${place}`, fix };
    }
    const lag = clockLagMs((await ask(`${url}/metrics`, (answer) => answer.text())) ?? '');
    return [...conditions(health), pace(lag, `process ${owner.pid} runs, ${wait}`)];
  },
};

/** On Kafka the group says who works on what; what a process says of itself is added where one answers from here. */
async function runningHere({ host, port }: Config['http']): Promise<readonly Finding[]> {
  const url = `http://${host}:${port}`;
  const health = port === 0 ? undefined : await ask<HealthReport>(`${url}/healthz`, (answer) => answer.json());
  if (health === undefined) return [];
  const lag = clockLagMs((await ask(`${url}/metrics`, (answer) => answer.text())) ?? '');
  return [...conditions(health), pace(lag, `the process at ${url} runs`)];
}

async function recordsWaiting(log: Log, { installation: { topics } }: CheckContext): Promise<number> {
  const names = INPUTS.map((input) => topics[input]);
  const specs = await log.describeTopics(names);
  const there = names.filter((_, index) => specs[index] !== undefined);
  const places = (await Promise.all(there.map((topic) => partitionsOf(log, topic)))).flat();
  const ends = await log.endOffsets(places);
  const positions = await log.groupPositions(APPLICATION, places);
  return ends.reduce((sum, { lastStableOffset, logStartOffset }, index) => {
    return sum + Math.max(0, lastStableOffset - Math.max(logStartOffset, positions[index]?.offset ?? 0));
  }, 0);
}

function conditions({ dependencies, silent }: HealthReport): readonly Finding[] {
  const loops = silent.map((name): Finding => {
    return { level: 'fail', message: `${name} does not turn`, fix: 'Stop the process and start it again.' };
  });
  const unwell = dependencies.flatMap(({ name, required, condition, fault, ageMs }): Finding[] => {
    if (condition === 'ok') return [];
    const message = `${name} is ${condition} since ${formatSpan(ageMs)}${fault === null ? '' : ` (${fault.code})`}`;
    const level = required && condition === 'failed' ? 'fail' : 'warn';
    return [{ level, message, fix: fault?.next ?? 'Wait; if it stays so, see the log lines of the process.' }];
  });
  return [...loops, ...unwell];
}

function pace(lagMs: number | undefined, who: string): Finding {
  const clock = lagMs === undefined ? 'its clock is not known' : `its clock is ${formatSpan(lagMs)} behind the host's`;
  const message = `${who}, ${clock}`;
  if ((lagMs ?? 0) < CLOCK_LAG_WARN_MS) return { level: 'ok', message };
  const fix =
    'Timers are late by that much: see what waits with `tributary_processor_lag_records` (infra/docs/metrics.md).';
  return { level: 'warn', message, fix };
}

/** Of the task that is furthest behind. */
function clockLagMs(metrics: string): number | undefined {
  const values = [...metrics.matchAll(/^tributary_clock_lag_seconds\{[^}]*\} (\S+)$/gm)].map(([, value]) =>
    Number(value),
  );
  return values.length === 0 ? undefined : Math.max(...values) * 1_000;
}

async function ask<T>(url: string, read: (answer: Response) => Promise<unknown>): Promise<T | undefined> {
  try {
    return (await read(await fetch(url, { signal: AbortSignal.timeout(ANSWER_MS) }))) as T;
  } catch {
    // No answer, or one that is none of ours: the caller says what that means.
    return undefined;
  }
}

/** One program above the log: the demo's history gives the same transitions on the embedded log and on Kafka. */
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { runReplay } from '../../../services/cli/import/replay.ts';
import { openLog } from '../../../services/cli/open-log.ts';
import { applySegments } from '../../../services/cli/segments/apply.ts';
import { readTopic } from '../../../services/cli/read-topic.ts';
import { readDefinitionFiles } from '../../../services/cli/segments/definition-files.ts';
import type { Change } from '../../../services/core/domain/events/change.ts';
import { demoHistory, type DemoHistory } from '../../../services/ingest/demo/history.ts';
import { appendEvents } from '../../../services/ingest/import/append-events.ts';
import { loadConfig } from '../../../services/platform/config/load.ts';
import { packagePath } from '../../../services/platform/config/package-root.ts';
import { openRegistry } from '../../../services/platform/registry/registry.ts';
import { applyTopics } from '../../../services/platform/topics/apply-topics.ts';
import { topicNames } from '../../../services/platform/topics/topic-plan.ts';
import { testBroker } from '../../kafka/broker.ts';
import { temporaryFolder } from '../run-cli.ts';

/** Records of a replay are stamped with its end: long ago, they would be past the retention of their topic at once. */
const NOW = Date.now();

const broker = await testBroker();

describe.skipIf(broker === undefined)("the demo's history", () => {
  const folder = temporaryFolder();
  afterAll(() => folder.remove());

  it('gives the same transitions on the embedded log and on Kafka', async () => {
    const history = await demoHistory({ now: NOW, seed: 1 });
    const id = `modes-${randomUUID().slice(0, 8)}.`;
    const embedded = await transitions(history, folder.path, { 'topics.prefix': id });
    const kafka = await transitions(history, folder.path, {
      ...{ 'log.kind': 'kafka', 'kafka.brokers': broker!.brokers },
      ...{ 'topics.prefix': id, 'kafka.idPrefix': id },
    });
    expect(embedded.length).toBeGreaterThan(10_000);
    // One by one: of two long lists nobody reads the difference.
    const first = kafka.findIndex((line, at) => line !== embedded[at]);
    expect(kafka[first]).toBe(embedded[first]);
    expect(kafka.length).toBe(embedded.length);
  }, 420_000);
});

/** Those of the replay, as JSON, by customer and sequence; without the offsets, which Kafka's own markers shift. */
async function transitions(
  history: DemoHistory,
  folder: string,
  settings: Readonly<Record<string, string>>,
): Promise<string[]> {
  const { config } = loadConfig({
    flags: Object.entries({ ...settings, 'data.directory': join(folder, 'data') }).map(([key, value]) => ({
      ...{ key, value, place: '--set' },
    })),
    environment: {},
    workingDirectory: folder,
  });
  const log = await openLog(config, { owner: true });
  try {
    await applyTopics(log, config, () => NOW);
    const registry = await openRegistry(log, config);
    const topics = topicNames(config.topics);
    const files = readDefinitionFiles(packagePath('schemas', 'segments'), { zone: config.workspace.timezone });
    await applySegments(log, config, files, { dryRun: false, reason: 'test', now: NOW });
    await appendEvents(
      { log, registry, topics, now: () => NOW },
      {
        ...{ importId: 'modes', mode: 'replay', events: history.events, done: 0, coverage: history.coverage },
        inputs: ['interactions', 'purchases', 'surveys', 'profiles'],
        onProgress: () => undefined,
      },
    );
    const { signal } = new AbortController();
    await runReplay({ log, registry, config, until: NOW, onProgress: () => undefined, signal });
    const lines: [string, number, string][] = [];
    for await (const { value } of readTopic(log, topics.changes, { from: 'beginning', follow: false, signal })) {
      const change: Change = registry.decode('change', value);
      // What comes later is decided live, when it is.
      if (change.effectiveAt > NOW) continue;
      lines.push([change.customerId, change.seq, JSON.stringify({ ...change, causeOffset: 0, rulesOffset: 0 })]);
    }
    return lines.sort(([a, m], [b, n]) => (a === b ? m - n : a < b ? -1 : 1)).map(([, , said]) => said);
  } finally {
    await log.close();
  }
}

import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { lookAt, prepareStage } from '../../../services/cli/demo/stage.ts';
import { loadConfig } from '../../../services/platform/config/load.ts';
import { openEmbeddedLog } from '../../../services/platform/embedded-log/embedded-log.ts';
import { temporaryFolder } from '../run-cli.ts';

const folder = temporaryFolder();
afterAll(() => folder.remove());

function stageIn(name: string) {
  const directory = join(folder.path, name);
  const { config } = loadConfig({
    flags: [{ key: 'data.directory', value: directory, place: '--data' }],
    environment: {},
    workingDirectory: folder.path,
  });
  return { directory, prepare: () => prepareStage(config, true) };
}

describe("the demo's data directory", () => {
  it('is made anew at each start', async () => {
    const { directory, prepare } = stageIn('again');
    expect((await prepare()).data.directory).toBe(directory);
    writeFileSync(join(directory, 'left'), '');
    await prepare();
    expect(readdirSync(directory)).toEqual(['demo.json']);
  });

  it('is refused when it holds anything but a demo', async () => {
    const { directory, prepare } = stageIn('precious');
    mkdirSync(directory);
    writeFileSync(join(directory, 'thesis.txt'), 'years of work');
    await expect(prepare()).rejects.toMatchObject({ code: 'USAGE' });
    expect(readdirSync(directory)).toEqual(['thesis.txt']);
  });

  it('is refused while another demo runs in it', async () => {
    const { directory, prepare } = stageIn('running');
    await prepare();
    const log = await openEmbeddedLog({ directory: join(directory, 'log'), owner: true });
    await expect(prepare()).rejects.toMatchObject({ code: 'LOG_OWNED', facts: { pid: process.pid } });
    expect(existsSync(join(directory, 'log', 'data.mdb'))).toBe(true);
    await log.close();
    await prepare();
    expect(readdirSync(directory)).toEqual(['demo.json']);
  });

  it('on Kafka holds the settings other commands need to look at it', async () => {
    const directory = join(folder.path, 'on-kafka');
    const flags = { 'data.directory': directory, 'log.kind': 'kafka', 'kafka.brokers': 'one:9092,two:9092' };
    const load = (file: string | undefined, given: Readonly<Record<string, string>>) =>
      loadConfig({
        flags: Object.entries(given).map(([key, value]) => ({ key, value, place: '--set' })),
        ...(file === undefined ? {} : { file }),
        environment: {},
        workingDirectory: folder.path,
      }).config;
    const stage = await prepareStage(load(undefined, flags), true);
    expect(stage.topics.prefix).toMatch(/^demo-/);
    const [option, file] = lookAt(stage).split(' ');
    expect(option).toBe('--config');
    const seen = load(file, {});
    expect(seen.log.kind).toBe('kafka');
    expect(seen.data.directory).toBe(directory);
    expect([seen.kafka.brokers, seen.kafka.idPrefix]).toEqual([stage.kafka.brokers, stage.kafka.idPrefix]);
    expect([seen.topics.prefix, seen.workspace.currency]).toEqual([stage.topics.prefix, stage.workspace.currency]);
  });
});

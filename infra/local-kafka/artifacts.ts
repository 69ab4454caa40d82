/**
 * Kafka and the registry as Maven artifacts: fetched once into the user's cache, one directory for each content of `pom.xml`, whole
 * or not at all.
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { requireMaven } from './machine.ts';
import { Trouble } from './trouble.ts';

const POM = fileURLToPath(new URL('pom.xml', import.meta.url));
/** Lines of Maven's output worth showing when it fails. */
const LINES_SHOWN = 8;

export interface Versions {
  readonly kafka: string;
  readonly registry: string;
}

export interface Artifacts {
  /** All jars of Kafka. */
  readonly kafka: string;
  readonly registry: string;
}

/** The versions that `pom.xml` pins. */
export function pinnedVersions(): Versions {
  const pom = readFileSync(POM, 'utf8');
  const pin = (name: string) => new RegExp(`<${name}.version>(.+)</`).exec(pom)![1]!;
  return { kafka: pin('kafka'), registry: pin('registry') };
}

/** Fetches what is not in the cache. `tell` is called before the wait. Throws Trouble. */
export async function fetchArtifacts(tell: (line: string) => void): Promise<Artifacts> {
  const { kafka, registry } = pinnedVersions();
  const directory = await fetched(POM, `Apache Kafka ${kafka} and Apicurio Registry ${registry} (200 MB)`, tell);
  return { kafka: join(directory, 'kafka'), registry: join(directory, 'registry') };
}

/**
 * The directory with what a `pom.xml` puts into `${into}` when it is packaged, fetched where it is not in the cache. Throws
 * Trouble.
 */
export async function fetched(pom: string, what: string, tell: (line: string) => void): Promise<string> {
  const content = createHash('sha256').update(readFileSync(pom)).digest('hex').slice(0, 12);
  const directory = join(cacheDirectory(), 'tributary', 'local-kafka', content);
  if (existsSync(directory)) return directory;
  await requireMaven();
  tell(`fetching ${what} with Maven, once`);
  mkdirSync(dirname(directory), { recursive: true });
  const partial = mkdtempSync(`${directory}-partial-`);
  try {
    await maven(['--batch-mode', '--quiet', '--file', pom, `-Dinto=${partial}`, 'package']);
    // Another process may have fetched the same meanwhile: its copy is as good.
    if (!existsSync(directory)) renameSync(partial, directory);
  } finally {
    rmSync(partial, { recursive: true, force: true });
  }
  return directory;
}

function cacheDirectory(): string {
  const chosen = process.env['XDG_CACHE_HOME'];
  if (chosen !== undefined && chosen !== '') return chosen;
  return process.platform === 'darwin' ? join(homedir(), 'Library', 'Caches') : join(homedir(), '.cache');
}

async function maven(words: readonly string[]): Promise<void> {
  const child = spawn('mvn', words, { stdio: ['ignore', 'pipe', 'pipe'] });
  const lines: string[] = [];
  const keep = (chunk: Buffer): void => {
    lines.push(
      ...chunk
        .toString()
        .split('\n')
        .filter((line) => line.trim() !== ''),
    );
  };
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (code === 0) return;
  const said = lines.slice(0, LINES_SHOWN).join('\n  ');
  throw new Trouble(
    `Fetching with Maven failed:\n  ${said}`,
    'See that this machine reaches a Maven repository (a proxy or mirror belongs into ~/.m2/settings.xml), then start again.',
  );
}

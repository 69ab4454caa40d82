import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * The folder that holds our package.json, `schemas/` and `infra/`. The same whether this file runs as
 * `services/platform/config/package-root.ts` or, built, as `dist/services/platform/config/package-root.js`.
 */
export const PACKAGE_ROOT = findPackageRoot(dirname(fileURLToPath(import.meta.url)));

export function packagePath(...parts: readonly string[]): string {
  return join(PACKAGE_ROOT, ...parts);
}

export function packageVersion(): string {
  const manifest: unknown = JSON.parse(readFileSync(packagePath('package.json'), 'utf8'));
  if (typeof manifest === 'object' && manifest !== null && 'version' in manifest) return String(manifest.version);
  throw new Error('package.json has no version');
}

function findPackageRoot(start: string): string {
  for (let directory = start; ; directory = dirname(directory)) {
    if (existsSync(join(directory, 'package.json')) && existsSync(join(directory, 'schemas'))) return directory;
    if (dirname(directory) === directory) throw new Error(`No package root above ${start}`);
  }
}

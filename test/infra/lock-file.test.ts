import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

interface Locked {
  readonly resolved?: string;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

const lock = JSON.parse(readFileSync(new URL('../../package-lock.json', import.meta.url), 'utf8')) as {
  readonly packages: Readonly<Record<string, Locked>>;
};

describe('the lock file', () => {
  it('holds the optional packages of every platform, without which npm ci refuses', () => {
    const missing = Object.entries(lock.packages).flatMap(([place, { optionalDependencies = {} }]) =>
      Object.keys(optionalDependencies).filter((name) => !placesFor(place, name).some((at) => at in lock.packages)),
    );
    expect(missing).toEqual([]);
  });

  it('names no host a package came from', () => {
    const hosts = Object.entries(lock.packages).filter(([, { resolved }]) => resolved !== undefined);
    expect(hosts.map(([place]) => place)).toEqual([]);
  });
});

/** Where Node looks for a package from a place, nearest first. */
function placesFor(place: string, name: string): string[] {
  const parts = place === '' ? [] : place.split('/node_modules/');
  const roots = parts.map((_, index) => parts.slice(0, parts.length - index).join('/node_modules/'));
  return [...roots.map((root) => `${root}/node_modules/${name}`), `node_modules/${name}`];
}

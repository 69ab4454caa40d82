import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Fault } from '../../../services/core/faults.ts';
import { loadConfig, type ConfigSources, type OptionValue } from '../../../services/platform/config/load.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'tributary-config-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

function load(sources: ConfigSources = {}) {
  return loadConfig({ environment: {}, workingDirectory: directory, ...sources });
}

function write(name: string, words: string): string {
  writeFileSync(join(directory, name), words);
  return name;
}

function valueOf(values: readonly OptionValue[], key: string): OptionValue {
  return values.find(({ option }) => option.key === key)!;
}

function mistakesOf(work: () => unknown): readonly string[] {
  try {
    work();
  } catch (error) {
    if (error instanceof Fault && error.code === 'CONFIG_INVALID') return error.mistakes;
    throw error;
  }
  return [];
}

describe('loading the configuration', () => {
  it('has a value for every option with nothing given', () => {
    const { config, values, file } = load();
    expect(file).toBeNull();
    expect(config.clock.delayMs).toBe(500);
    expect(config.lateness.limitMs).toBe(7 * 86_400_000);
    expect(config.clickhouse.url).toBeNull();
    expect(config.data.directory).toBe(join(directory, '.tributary'));
    expect(values.every(({ origin }) => origin.kind === 'default')).toBe(true);
  });

  it('takes a flag over the environment, the environment over the file, the file over the default', () => {
    write('tributary.yaml', 'commit:\n  minMs: 7\n  maxMs: 200\nledger: { batchRows: 11 }\n');
    const { config, values } = load({
      environment: { TRIBUTARY_COMMIT_MIN_MS: '8', TRIBUTARY_COMMIT_MAX_MS: '300' },
      flags: [{ key: 'commit.minMs', value: '9', place: '--set commit.minMs' }],
    });
    expect(config.commit.minMs).toBe(9);
    expect(config.commit.maxMs).toBe(300);
    expect(config.ledger.batchRows).toBe(11);
    expect(config.ledger.batchMs).toBe(1_000);
    expect(valueOf(values, 'commit.minMs').origin).toEqual({ kind: 'flag', place: '--set commit.minMs' });
    expect(valueOf(values, 'commit.maxMs').origin).toEqual({ kind: 'environment', place: 'TRIBUTARY_COMMIT_MAX_MS' });
    expect(valueOf(values, 'ledger.batchRows').origin).toEqual({ kind: 'file', place: 'tributary.yaml:4' });
  });

  it('reads JSON as well as YAML, and the file that TRIBUTARY_CONFIG names', () => {
    const file = write('other.json', '{\n  "http": {\n    "port": 8080\n  }\n}');
    expect(load({ file }).config.http.port).toBe(8080);
    const { config, values } = load({ environment: { TRIBUTARY_CONFIG: file } });
    expect(config.http.port).toBe(8080);
    expect(valueOf(values, 'http.port').origin.place).toBe('other.json:3');
  });

  it('understands durations and sizes with a unit', () => {
    write('tributary.yaml', 'lateness: { limitMs: 3 d }\nclock: { delayMs: 1.5s }\n');
    const environment = { TRIBUTARY_TOPICS_MAX_MESSAGE_BYTES: '2 MiB', TRIBUTARY_DEDUP_WINDOW_MS: '90min' };
    const { config } = load({ environment });
    expect(config.lateness.limitMs).toBe(3 * 86_400_000);
    expect(config.clock.delayMs).toBe(1_500);
    expect(config.topics.maxMessageBytes).toBe(2_097_152);
    expect(config.dedup.windowMs).toBe(5_400_000);
  });

  it('reports the mistakes of all sources together, each with its place', () => {
    write('tributary.yaml', 'clock:\n  delayMs: soon\nhttp:\n  prot: 1\ncommit: 5\n');
    const mistakes = mistakesOf(() =>
      load({
        environment: { TRIBUTARY_TOPICS_PARTITIONS: '0', TRIBUTARY_CLICKHOUSE_URL: 'ftp://x' },
        flags: [{ key: 'log.kind', value: 'paper', place: '--set log.kind' }],
      }),
    );
    expect(mistakes).toEqual([
      'tributary.yaml:4: http.prot is no option; did you mean http.port?',
      'tributary.yaml:5: commit must be a section with options',
      '--set log.kind: log.kind must be one of embedded, memory, kafka, not "paper"',
      'TRIBUTARY_TOPICS_PARTITIONS: topics.partitions must be 1 to 1024 (partitions), not "0"',
      'tributary.yaml:2: clock.delayMs must be 0 to 3600000 (ms), not "soon"',
      'TRIBUTARY_CLICKHOUSE_URL: clickhouse.url must be an http or https address, not "ftp://x"',
    ]);
  });

  it('refuses what a stronger source hides, because it would bite later', () => {
    write('tributary.yaml', 'http: { port: none }\n');
    const flags = [{ key: 'http.port', value: '1', place: '--set http.port' }];
    expect(mistakesOf(() => load({ flags }))).toEqual(['tributary.yaml:1: http.port must be 0 to 65535, not "none"']);
  });

  it('names options that contradict each other', () => {
    write('tributary.yaml', 'commit:\n  minMs: 200\ntopics:\n  facts: { name: same }\n  changes: { name: same }\n');
    expect(mistakesOf(() => load())).toEqual([
      'tributary.yaml:2: commit.minMs must not exceed commit.maxMs (100)',
      'tributary.yaml:4: topics.facts.name is also the name of topics.changes',
    ]);
  });

  it('says which line of a file is no YAML', () => {
    write('tributary.yaml', 'clock:\n  delayMs: "1\n');
    const [mistake] = mistakesOf(() => load());
    expect(mistake).toMatch(/^tributary\.yaml:\d: /);
  });

  it('says that a named file is missing, and accepts an empty one', () => {
    expect(mistakesOf(() => load({ file: 'absent.yaml' }))).toEqual(['absent.yaml: cannot be read (ENOENT)']);
    expect(load({ file: write('empty.yaml', '# nothing yet\n') }).config.http.port).toBe(7070);
  });

  it('unsets with null, and treats an empty variable as unset', () => {
    write('tributary.yaml', 'topics: { changes: { retentionMs: null } }\n');
    const environment = { TRIBUTARY_TOPICS_INTERACTIONS_RETENTION_MS: 'null', TRIBUTARY_HTTP_PORT: '' };
    const { config } = load({ environment });
    expect(config.topics.changes.retentionMs).toBeNull();
    expect(config.topics.interactions.retentionMs).toBeNull();
    expect(config.http.port).toBe(7070);
  });

  it('counts a relative path from the file that says it', () => {
    mkdirSync(join(directory, 'etc'));
    write('etc/site.yaml', 'data: { directory: ../state }\n');
    expect(load({ file: 'etc/site.yaml' }).config.data.directory).toBe(join(directory, 'state'));
    const flags = [{ key: 'data.directory', value: 'here', place: '--data' }];
    expect(load({ file: 'etc/site.yaml', flags }).config.data.directory).toBe(join(directory, 'here'));
  });

  it('leaves foreign variables alone, but asks about likely slips', () => {
    const environment = { TRIBUTARY_SERVICE_HOST: '10.0.0.1', TRIBUTARY_CLOK_DELAY_MS: '1' };
    const { notes } = load({ environment });
    expect(notes).toEqual(['TRIBUTARY_CLOK_DELAY_MS names no option; did you mean TRIBUTARY_CLOCK_DELAY_MS?']);
  });
});

describe('secrets', () => {
  const SECRET = 'p4ss-canary';

  it('are masked wherever they are shown, and never quoted in a mistake', () => {
    const { config, values } = load({ environment: { TRIBUTARY_CLICKHOUSE_PASSWORD: SECRET } });
    expect(config.clickhouse.password).toBe(SECRET);
    expect(valueOf(values, 'clickhouse.password').shown).toBe('********');
    write('tributary.yaml', `clickhouse: { password: [${SECRET}] }\n`);
    expect(mistakesOf(() => load())).toEqual(['tributary.yaml:1: clickhouse.password must be text']);
  });

  it('come from a file that holds them, named in the environment or in the configuration', () => {
    write('password', `${SECRET}\n`);
    const environment = { TRIBUTARY_CLICKHOUSE_PASSWORD_FILE: 'password' };
    const fromEnvironment = load({ environment });
    expect(fromEnvironment.config.clickhouse.password).toBe(SECRET);
    expect(valueOf(fromEnvironment.values, 'clickhouse.password').origin.place).toBe(
      'TRIBUTARY_CLICKHOUSE_PASSWORD_FILE',
    );
    write('tributary.yaml', 'clickhouse: { passwordFile: password }\n');
    expect(load().config.clickhouse.password).toBe(SECRET);
  });

  it('are refused when given twice at one place, or when their file cannot be read', () => {
    const both = { TRIBUTARY_CLICKHOUSE_PASSWORD: SECRET, TRIBUTARY_CLICKHOUSE_PASSWORD_FILE: 'x' };
    expect(mistakesOf(() => load({ environment: both }))).toEqual([
      'TRIBUTARY_CLICKHOUSE_PASSWORD_FILE: clickhouse.password is already given by TRIBUTARY_CLICKHOUSE_PASSWORD; give one of them',
    ]);
    const absent = { TRIBUTARY_CLICKHOUSE_PASSWORD_FILE: 'absent' };
    expect(mistakesOf(() => load({ environment: absent }))).toEqual([
      'TRIBUTARY_CLICKHOUSE_PASSWORD_FILE: clickhouse.passwordFile names absent, which cannot be read (ENOENT)',
    ]);
  });
});

/**
 * Apicurio Registry with Confluent's interface, on loopback. It keeps what is registered in a file of its own, flushed at each
 * registration: an id that was given must never be forgotten and given to another schema.
 */
import { join } from 'node:path';
import { pinnedVersions } from './artifacts.ts';
import { javaCommand } from './machine.ts';
import { LOOPBACK } from './ports.ts';
import { launch } from './processes.ts';
import { registryIsReady, untilReady } from './readiness.ts';

export function registryMark(directory: string): string {
  return `-Dtributary.registry=${directory}`;
}

/** Where clients of Confluent's registry find it. */
export function registryUrl(port: number): string {
  return `http://${LOOPBACK}:${port}/apis/ccompat/v7`;
}

export interface RegistryPlan {
  /** Of the instance. */
  readonly directory: string;
  readonly port: number;
}

export async function launchRegistry(program: string, { directory, port }: RegistryPlan): Promise<void> {
  const small = ['-Xmx192m', '-Xss512k', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-XX:-UsePerfData'];
  const connections = ['initial-size=2', 'min-size=2', 'max-size=10'].map(
    (word) => `-Dquarkus.datasource.jdbc.${word}`,
  );
  await launch({
    command: javaCommand(),
    words: [
      ...small,
      ...connections,
      registryMark(directory),
      `-Djava.io.tmpdir=${join(directory, 'tmp')}`,
      '-jar',
      `apicurio-registry-app-${pinnedVersions().registry}-runner.jar`,
    ],
    environment: {
      HTTP_PORT: String(port),
      QUARKUS_HTTP_HOST: LOOPBACK,
      LOG_LEVEL: 'WARN',
      REGISTRY_LOG_LEVEL: 'WARN',
      // A schema that is only formatted anew keeps its id.
      ENABLE_CCOMPAT_CANONICAL_HASH_MODE: 'true',
      REGISTRY_DATASOURCE_URL: `jdbc:h2:file:${join(directory, 'registry-data', 'registry')};WRITE_DELAY=0`,
    },
    directory: program,
    outputFile: logFile(directory),
  });
}

/** Returns as soon as schemas can be registered. Throws Trouble. */
export async function untilRegistryReady({ directory, port }: RegistryPlan): Promise<void> {
  await untilReady({
    name: 'The registry',
    mark: registryMark(directory),
    isReady: () => registryIsReady(port),
    logFiles: [logFile(directory)],
  });
}

function logFile(directory: string): string {
  return join(directory, 'registry.log');
}

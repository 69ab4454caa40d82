/**
 * A broker and a registry in containers, for machines with a Docker engine. They are shared by test processes that end at different
 * times, so no process's own reaper may take them away: their ids stand in the directory of the run, and its end removes them.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ONE_BROKER } from '../../infra/local-kafka/kafka.ts';
import { freePorts } from '../../infra/local-kafka/ports.ts';

const KAFKA_IMAGE = 'apache/kafka:4.3.1';
const REGISTRY_IMAGE = 'apicurio/apicurio-registry-mem:2.6.13.Final';
const KAFKA_PORT = 9092;
const REGISTRY_PORT = 8080;

export interface DockerBroker {
  readonly brokers: string;
  readonly registryUrl: string;
  readonly containers: readonly string[];
}

/** Whether there is an engine to ask; loading the client takes longer than this. */
export function hasDockerSocket(): boolean {
  const { DOCKER_HOST: host, XDG_RUNTIME_DIR: runtime, HOME: home } = process.env;
  const sockets = ['/var/run/docker.sock', `${runtime ?? ''}/docker.sock`, `${home ?? ''}/.docker/run/docker.sock`];
  return host !== undefined || sockets.some((socket) => existsSync(socket));
}

/** Those of this run if there are any, else new ones. Throws what testcontainers throws. */
export async function dockerBroker(
  directory: string,
  settings: Readonly<Record<string, string>>,
): Promise<DockerBroker> {
  const file = containersFile(directory);
  if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8')) as DockerBroker;
  process.env['TESTCONTAINERS_RYUK_DISABLED'] = 'true';
  const { GenericContainer, getContainerRuntimeClient, Wait } = await import('testcontainers');
  const { host } = (await getContainerRuntimeClient()).info.containerRuntime;
  // The broker must tell clients an address before it has started, so the port of the host is chosen here.
  const [port, registryPort] = await freePorts(2);
  const [kafka, registry] = await Promise.all([
    new GenericContainer(KAFKA_IMAGE)
      .withEnvironment(variablesOf({ ...brokerSettings(`${host}:${port!}`), ...ONE_BROKER, ...settings }))
      .withExposedPorts({ container: KAFKA_PORT, host: port! })
      .withWaitStrategy(Wait.forLogMessage(/Kafka Server started/))
      .start(),
    new GenericContainer(REGISTRY_IMAGE)
      .withEnvironment({ ENABLE_CCOMPAT_CANONICAL_HASH_MODE: 'true' })
      .withExposedPorts({ container: REGISTRY_PORT, host: registryPort! })
      .withWaitStrategy(Wait.forHttp('/health/ready', REGISTRY_PORT))
      .start(),
  ]);
  const broker: DockerBroker = {
    brokers: `${host}:${port!}`,
    registryUrl: `http://${host}:${registryPort!}/apis/ccompat/v7`,
    containers: [kafka.getId(), registry.getId()],
  };
  writeFileSync(file, JSON.stringify(broker));
  return broker;
}

export async function removeContainers(directory: string): Promise<void> {
  const file = containersFile(directory);
  if (!existsSync(file)) return;
  const { containers } = JSON.parse(readFileSync(file, 'utf8')) as DockerBroker;
  const { getContainerRuntimeClient } = await import('testcontainers');
  const { container } = await getContainerRuntimeClient();
  await Promise.all(containers.map((id) => container.getById(id).remove({ force: true, v: true })));
}

function containersFile(directory: string): string {
  return join(directory, 'containers.json');
}

function brokerSettings(advertised: string): Readonly<Record<string, string>> {
  return {
    'process.roles': 'broker,controller',
    'node.id': '1',
    'controller.quorum.voters': '1@localhost:9093',
    'controller.listener.names': 'CONTROLLER',
    listeners: `PLAINTEXT://:${KAFKA_PORT},CONTROLLER://:9093`,
    'advertised.listeners': `PLAINTEXT://${advertised}`,
    'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
  };
}

/** The image takes each setting as a variable: `node.id` is `KAFKA_NODE_ID`. */
function variablesOf(settings: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(settings).map(([name, value]) => [`KAFKA_${name.replaceAll('.', '_').toUpperCase()}`, value]),
  );
}

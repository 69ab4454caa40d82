/**
 * One local Kafka with its registry, in a directory that holds everything of it: settings, data, logs.
 *
 * 1. `start` twice is one: what already runs is left alone, what is missing is started on the ports it had.
 * 2. Starters of one directory go one after the other (a lock), so tests that want the same broker may all ask for it.
 * 3. After `stop` no process and no port is left; the data is, until `reset`.
 */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fetchArtifacts, pinnedVersions, type Artifacts } from './artifacts.ts';
import { hasStartedBefore, kafkaMark, launchKafka, untilKafkaReady, type Listener } from './kafka.ts';
import { withLock } from './lock.ts';
import { requireJava } from './machine.ts';
import { freePorts, LOOPBACK, requireFree } from './ports.ts';
import { end, pidOf } from './processes.ts';
import { launchRegistry, registryMark, registryUrl, untilRegistryReady } from './registry.ts';

export interface StartOptions {
  /** 0 = any free port. */
  readonly ports: { readonly kafka: number; readonly controller: number; readonly registry: number };
  /** Whether a registry is started beside the broker. */
  readonly registry: boolean;
  readonly listeners?: readonly Listener[];
  readonly settings?: Readonly<Record<string, string>>;
  readonly formatWords?: readonly string[];
  readonly heapMb?: number;
  readonly tell?: (line: string) => void;
}

export interface Server {
  readonly version: string;
  /** Undefined while it does not run. */
  readonly pid: number | undefined;
  readonly port: number;
  /** For a client: host and port, or a URL. */
  readonly address: string;
}

export interface Status {
  readonly directory: string;
  readonly kafka: Server | undefined;
  readonly registry: Server | undefined;
}

interface Ports {
  readonly kafka: number;
  readonly controller: number;
  readonly registry: number | null;
}

const HEAP_MB = 512;
const PORT_PATIENCE_MS = 5_000;

/** Starts what does not run yet and returns when all of it can be used. Throws Trouble. */
export async function startInstance(directory: string, options: StartOptions): Promise<Status> {
  const place = resolve(directory);
  await requireJava();
  const artifacts = await fetchArtifacts(options.tell ?? (() => undefined));
  // Java's place for temporary files: nothing of ours is left in the machine's.
  mkdirSync(join(place, 'tmp'), { recursive: true });
  return withLock(join(place, 'starting'), async () => {
    const ports = await portsFor(place, options);
    writeFileSync(portsFile(place), JSON.stringify(ports));
    try {
      await startMissing(artifacts, place, ports, options);
    } catch (trouble) {
      // Half of it would only be found later, by its port.
      await stopInstance(place);
      throw trouble;
    }
    return statusOf(place);
  });
}

/** Ends both servers, also those of a start that was killed. Throws Trouble for one that cannot be ended. */
export async function stopInstance(directory: string): Promise<void> {
  const place = resolve(directory);
  await Promise.all([end(kafkaMark(place)), end(registryMark(place))]);
  rmSync(join(place, 'tmp'), { recursive: true, force: true });
}

/** Stops and takes away everything in the directory. */
export async function resetInstance(directory: string): Promise<void> {
  await stopInstance(directory);
  rmSync(resolve(directory), { recursive: true, force: true });
}

export async function statusOf(directory: string): Promise<Status> {
  const place = resolve(directory);
  const ports = portsOf(place);
  if (ports === undefined) return { directory: place, kafka: undefined, registry: undefined };
  const versions = pinnedVersions();
  const [kafkaPid, registryPid] = await Promise.all([pidOf(kafkaMark(place)), pidOf(registryMark(place))]);
  const { kafka: port, registry } = ports;
  return {
    directory: place,
    kafka: { version: versions.kafka, pid: kafkaPid, port, address: `${LOOPBACK}:${port}` },
    registry:
      registry === null
        ? undefined
        : { version: versions.registry, pid: registryPid, port: registry, address: registryUrl(registry) },
  };
}

/** All ports are looked at before anything is started; then both servers start at once. */
async function startMissing(
  artifacts: Artifacts,
  place: string,
  { kafka, controller, registry }: Ports,
  options: StartOptions,
): Promise<void> {
  const kafkaRuns = (await pidOf(kafkaMark(place))) !== undefined;
  const registryRuns = registry === null || (await pidOf(registryMark(place))) !== undefined;
  // A server that was killed a moment ago may have left the list of processes but not its ports.
  const patienceMs = hasStartedBefore(place) ? PORT_PATIENCE_MS : 0;
  if (!kafkaRuns) await requireFree(kafka, '--port', patienceMs);
  if (!kafkaRuns) await requireFree(controller, '--controller-port', patienceMs);
  if (!registryRuns) await requireFree(registry, '--registry-port', patienceMs);

  const { listeners = [], settings = {}, formatWords = [], heapMb = HEAP_MB } = options;
  const plan = { directory: place, port: kafka, controllerPort: controller, listeners, settings, formatWords, heapMb };
  if (!kafkaRuns) await launchKafka(artifacts.kafka, plan);
  if (!registryRuns) await launchRegistry(artifacts.registry, { directory: place, port: registry });
  // What runs already is waited for too: a killed starter may have left it on its way.
  await untilKafkaReady(plan);
  if (registry !== null) await untilRegistryReady({ directory: place, port: registry });
}

/** A running server keeps its ports, and so does a directory for which any free ones were asked for. */
async function portsFor(directory: string, { ports, registry }: StartOptions): Promise<Ports> {
  const before = portsOf(directory);
  const running = (await statusOf(directory)).kafka?.pid !== undefined;
  if (running && before !== undefined) {
    return { ...before, registry: registry ? (before.registry ?? (await chosen(ports.registry))) : before.registry };
  }
  const free = await freePorts(3);
  const pick = (asked: number, had: number | null | undefined, fallback: number): number =>
    asked === 0 ? (had ?? fallback) : asked;
  return {
    kafka: pick(ports.kafka, before?.kafka, free[0]!),
    controller: pick(ports.controller, before?.controller, free[1]!),
    registry: registry ? pick(ports.registry, before?.registry, free[2]!) : null,
  };
}

async function chosen(port: number): Promise<number> {
  return port === 0 ? (await freePorts(1))[0]! : port;
}

function portsFile(directory: string): string {
  return join(directory, 'ports.json');
}

function portsOf(directory: string): Ports | undefined {
  const file = portsFile(directory);
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Ports) : undefined;
}

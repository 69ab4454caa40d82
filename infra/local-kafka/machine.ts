/** What the machine must have: Java to run, Maven to fetch. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { messageOf, Trouble } from './trouble.ts';

const JAVA_MAJOR_MIN = 17;
const run = promisify(execFile);

/** The `java` that is used: of JAVA_HOME where it is set, else of the path. */
export function javaCommand(): string {
  const home = process.env['JAVA_HOME'];
  return home === undefined || home === '' ? 'java' : `${home}/bin/java`;
}

/** Throws Trouble without Java, or with one that is too old for Kafka 4. */
export async function requireJava(): Promise<void> {
  const next = `Install Java ${JAVA_MAJOR_MIN} or newer (a JRE is enough), or point JAVA_HOME at one.`;
  const java = javaCommand();
  // `java -version` speaks on standard error.
  const { stderr } = await run(java, ['-version']).catch((error: unknown) => {
    throw new Trouble(`Java is not there: ${java} cannot be run (${messageOf(error)})`, next, error);
  });
  const major = javaMajor(stderr);
  if (major === undefined) throw new Trouble(`${java} does not say its version`, next);
  if (major < JAVA_MAJOR_MIN) throw new Trouble(`Java ${major} is too old: Kafka 4 needs ${JAVA_MAJOR_MIN}`, next);
}

/** `openjdk version "17.0.15"` is 17, `java version "1.8.0_292"` is 8. */
export function javaMajor(words: string): number | undefined {
  const [, first, second] = /version "(\d+)(?:\.(\d+))?/.exec(words) ?? [];
  return first === undefined ? undefined : Number(first === '1' ? second : first);
}

/** Throws Trouble without Maven. */
export async function requireMaven(): Promise<void> {
  await run('mvn', ['--version']).catch((error: unknown) => {
    const next = 'Install Apache Maven 3.6 or newer; it is needed once, to fetch Kafka and the registry.';
    throw new Trouble(`Maven is not there: mvn cannot be run (${messageOf(error)})`, next, error);
  });
}

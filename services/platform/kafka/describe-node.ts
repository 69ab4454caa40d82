/**
 * ApiVersions in the form that also tells features: what a broker can do, and of which release it is. No request asks for the
 * release itself; the level of metadata that a broker knows stands for it.
 */
import type { Call } from './calls.ts';
import { compactCall, type CompactReader } from './compact-wire.ts';

export interface NodeDescription {
  /** By key, the newest version of each request that it takes. */
  readonly apis: ReadonlyMap<number, number>;
  /** Of its software, as 4.3; undefined where it does not say, or says what is newer than this table. */
  readonly release: string | undefined;
  /** Whether the software is newer than this table. */
  readonly newer: boolean;
}

const SUPPORTED_FEATURES = 0;
const LEVEL = 'metadata.version';

/** The highest level of each release, from Kafka's MetadataVersion. */
const RELEASES: readonly (readonly [level: number, release: string])[] = [
  [7, '3.3'],
  [8, '3.4'],
  [11, '3.5'],
  [14, '3.6'],
  [19, '3.7'],
  [20, '3.8'],
  [21, '3.9'],
  [25, '4.0'],
  [27, '4.1'],
  [29, '4.2'],
  [30, '4.3'],
];

export function describeNodeCall(): Call<NodeDescription> {
  return compactCall({
    ...{ api: 'ApiVersions', apiKey: 18, apiVersion: 3, oldAnswer: true },
    write: (writer) => writer.compactString('tributary').compactString('doctor'),
    read: (reader) => {
      reader.int16();
      const apis = new Map(
        reader.structures(() => {
          const [key] = [reader.int16(), reader.int16()];
          return [key, reader.int16()] as const;
        }),
      );
      reader.int32();
      let level: number | undefined;
      reader.tags({
        [SUPPORTED_FEATURES]: (field) => {
          level = levelOf(field);
        },
      });
      return { apis, ...releaseOf(level) };
    },
  });
}

function levelOf(field: CompactReader): number | undefined {
  const features = field.structures(() => {
    const name = field.compactString();
    field.int16();
    return { name, level: field.int16() };
  });
  return features.find(({ name }) => name === LEVEL)?.level;
}

function releaseOf(level: number | undefined): Pick<NodeDescription, 'release' | 'newer'> {
  if (level === undefined) return { release: undefined, newer: false };
  const release = RELEASES.find(([highest]) => level <= highest)?.[1];
  return { release, newer: release === undefined };
}

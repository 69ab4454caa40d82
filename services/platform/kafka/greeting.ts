/** The first question on a connection: which requests the broker knows, and whether ours are among them. */
import type { Versions } from 'kafkajs/src/network/connection.js';
import { Fault } from '../../core/faults.ts';
import { FETCH, PRODUCE, VERSIONS, type Call } from './calls.ts';
import { addressOf, type Node } from './node.ts';
import { WireReader, WireWriter } from './wire.ts';

const NEEDED: readonly (readonly [name: string, key: number, version: number])[] = [
  [FETCH.api, FETCH.apiKey, FETCH.apiVersion],
  [PRODUCE.api, PRODUCE.apiKey, PRODUCE.apiVersion],
  ...Object.entries(VERSIONS).map(([name, [key, version]]) => [name, key, version] as const),
];

/** ApiVersions. Its answer throws LOG_UNSUPPORTED with every request the broker does not know in our version. */
export function greet(node: Node): Call<Versions> {
  return {
    ...{ api: 'ApiVersions', apiKey: 18, apiVersion: 2 },
    encode: () => [new WireWriter(8).finish()],
    decode: (payload) => {
      const reader = new WireReader(payload);
      const errorCode = reader.int16();
      const versions: Record<number, { minVersion: number; maxVersion: number }> = {};
      reader.array((each) => {
        versions[each.int16()] = { minVersion: each.int16(), maxVersion: each.int16() };
      });
      const mistakes = NEEDED.filter(([, key, version]) => {
        const known = versions[key];
        return known === undefined || version < known.minVersion || version > known.maxVersion;
      }).map(([name, key, version]) => {
        const known = versions[key];
        const range = known === undefined ? 'not at all' : `versions ${known.minVersion} to ${known.maxVersion}`;
        return `${name} is wanted in version ${version}; the broker knows ${range}`;
      });
      if (errorCode === 0 && mistakes.length === 0) return versions;
      const broker = addressOf(node);
      throw new Fault('LOG_UNSUPPORTED', `Broker ${broker} does not speak what is needed`, {
        facts: { broker, errorCode },
        mistakes,
      });
    },
  };
}

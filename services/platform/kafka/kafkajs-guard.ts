/**
 * Refuses to run on another kafkajs than the one this room was written against. Inner modules are used and one is
 * patched; a package that only looks the same could lose records silently, so version and content are compared.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Fault } from '../../core/faults.ts';

export const KAFKAJS_VERSION = '2.2.4';

/** SHA-256 of each inner module whose behaviour is relied on or changed. */
const CONTENT: Readonly<Record<string, string>> = {
  'src/network/connection.js': '2a993b2e74421ca6d846efd59e4ba74b11100dbe7d40d0f52ea3218e917aafdd',
  'src/network/requestQueue/index.js': 'b55986089c14f8f7bfc377922e2e65b3e4c1e7c7af2752d3b10a75dfe9e9260c',
  'src/network/requestQueue/socketRequest.js': 'dde28f8e26c6d17fe3383c60b2bfce27f4790ee4552ca7e73e78fdce30c6bf1d',
  'src/protocol/requests/index.js': 'fd26a30565d7f0c14883140b7f4edadc42f34278a5f40084009b940c858ea2fd',
  'src/protocol/error.js': '8911e3226a8aebddc2fffe2b2504379f966b804995dd911713c8c495c3673188',
  'src/broker/saslAuthenticator/index.js': '535765470e1172399633a8cd8238212c0fbcda859980d09ced42a8b7184e429b',
  'src/consumer/assignerProtocol.js': 'd35452ae300d022164bc5c0218bd1269db8ec4641ca89968bea4c18aadaaf077',
};

const require = createRequire(import.meta.url);
/** Reads a file of the installed package; tests give another one. */
export type ReadPart = (path: string) => string;
const installed: ReadPart = (path) => readFileSync(require.resolve(`kafkajs/${path}`), 'utf8');

/** Throws LOG_UNSUPPORTED, with each difference named. */
export function requireKnownKafkajs(read: ReadPart = installed): void {
  const { version } = JSON.parse(read('package.json')) as { readonly version: string };
  const mistakes =
    version === KAFKAJS_VERSION
      ? Object.entries(CONTENT)
          .filter(([path, hash]) => createHash('sha256').update(read(path)).digest('hex') !== hash)
          .map(([path]) => `kafkajs/${path} is not the file of ${KAFKAJS_VERSION}`)
      : [`kafkajs is ${version}`];
  if (mistakes.length === 0) return;
  throw new Fault('LOG_UNSUPPORTED', `The Kafka client must be kafkajs ${KAFKAJS_VERSION}, unchanged`, {
    facts: { wanted: KAFKAJS_VERSION, found: version },
    mistakes: [...mistakes, 'install the packages exactly as locked: npm ci'],
  });
}

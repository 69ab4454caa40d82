/** The log that the configuration describes: certificates, secrets and tokens are read here and nowhere else. */
import { readFile } from 'node:fs/promises';
import { Fault } from '../../core/faults.ts';
import type { Config } from '../config/options.ts';
import { openKafkaLog, type KafkaLog } from './kafka-log.ts';
import { KafkaOperations } from './operations.ts';
import { tokenFrom } from './oauth-token.ts';
import type { KafkaLogOptions, Sasl, Tls } from './options.ts';

type KafkaConfig = Config['kafka'];

interface Told {
  readonly onFault?: (error: unknown) => void;
}

/** Throws LOG_UNAVAILABLE, LOG_LOGIN_FAILED, LOG_UNSUPPORTED, and CONFIG_INVALID for a file that cannot be read. */
export async function openConfiguredKafkaLog(config: KafkaConfig, told: Told = {}): Promise<KafkaLog> {
  return openKafkaLog(await configuredOptions(config, told));
}

/** For operating the cluster beside the log. Nothing is asked yet. Throws CONFIG_INVALID. */
export async function configuredOperations(config: KafkaConfig): Promise<KafkaOperations> {
  return new KafkaOperations(await configuredOptions(config, {}));
}

async function configuredOptions(config: KafkaConfig, { onFault }: Told): Promise<KafkaLogOptions> {
  const { clientId, idPrefix, connectMs, requestMs, retryMs, transactionMs, sessionMs, rebalanceMs } = config;
  return {
    ...{ brokers: config.brokers.split(','), clientId, idPrefix, connectMs, requestMs, retryMs },
    ...{ transactionMs, sessionMs, rebalanceMs },
    ...{ replicationFactor: config.replicationFactor, compression: config.compression },
    tls: config.tls.enabled === 'true' ? await tlsOf(config.tls) : undefined,
    sasl: saslOf(config.sasl),
    ...(onFault === undefined ? {} : { onFault }),
  };
}

async function tlsOf(config: KafkaConfig['tls']): Promise<Tls> {
  return {
    ...(config.caFile === null ? {} : { ca: await readNamed('kafka.tls.caFile', config.caFile) }),
    ...(config.certFile === null ? {} : { cert: await readNamed('kafka.tls.certFile', config.certFile) }),
    ...(config.keyFile === null ? {} : { key: await readNamed('kafka.tls.keyFile', config.keyFile) }),
  };
}

function saslOf(config: KafkaConfig['sasl']): Sasl | undefined {
  const { mechanism, user, password, tokenUrl, tokenScope, tokenFile } = config;
  if (mechanism === 'none') return undefined;
  if (mechanism !== 'oauthbearer') return { mechanism, username: user ?? '', password: password ?? '' };
  const given = { url: tokenUrl ?? '', clientId: user ?? '', clientSecret: password ?? '', scope: tokenScope };
  return {
    mechanism,
    oauthBearerProvider: async () => ({
      value: tokenFile === null ? await tokenFrom(given) : (await readNamed('kafka.sasl.tokenFile', tokenFile)).trim(),
    }),
  };
}

async function readNamed(key: string, path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    throw new Fault('CONFIG_INVALID', 'The configuration has one mistake', {
      mistakes: [`${key} names ${path}, which cannot be read`],
      cause,
    });
  }
}

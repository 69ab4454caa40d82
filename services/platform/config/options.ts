/**
 * Every option there is, with unit, default, range and description. The reference page, `config print`, the
 * environment's names (`clock.delayMs` = `TRIBUTARY_CLOCK_DELAY_MS`) and the types are derived from this file.
 */
import { z } from 'zod';
import {
  checked,
  choice,
  directory,
  optionalFile,
  optionalText,
  optionalUrl,
  optionalWhole,
  retention,
  secret,
  text,
  whole,
} from './option-kinds.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Kafka's own rule for topic names, less the length that a prefix adds. */
const TOPIC_NAME = /^[A-Za-z0-9._-]{1,200}$/;
const TOPIC_RULE = '1 to 200 letters, digits, dots, underscores or hyphens';

const ID_RULE = 'up to 100 letters, digits, dots, underscores or hyphens';
/** As `CODECS` of the Kafka log, which is only loaded where it is used. */
const CODECS = ['none', 'lz4', 'zstd'] as const;

function topic(name: string, retentionMs: number | null, content: string) {
  return z
    .object({
      name: text(name, TOPIC_NAME, TOPIC_RULE, `Topic of ${content}, without the prefix.`),
      retentionMs: retention(retentionMs, `How long records of this topic are kept.`),
    })
    .readonly();
}

/** A topic whose retention is not to be chosen, because the product rests on it. */
function keptTopic(name: string, content: string) {
  return z.object({ name: text(name, TOPIC_NAME, TOPIC_RULE, `Topic of ${content}, without the prefix.`) }).readonly();
}

export const CONFIG = z
  .object({
    data: z
      .object({
        directory: directory(
          '.tributary',
          'Where the embedded log and the embedded analytics live. One process at a time owns it.',
        ),
      })
      .readonly(),
    workspace: z
      .object({
        timezone: checked(
          'UTC',
          isTimeZone,
          'an IANA time zone',
          'Zone of days and weeks where a customer has none; a data directory keeps that of its first start.',
        ),
        currency: text(
          'USD',
          /^[A-Z]{3}$/,
          'three capital letters (ISO 4217)',
          'The one currency that amounts are compared and summed in; a data directory keeps that of its first start.',
        ),
      })
      .readonly(),
    log: z
      .object({
        kind: choice(
          ['embedded', 'memory', 'kafka'],
          'embedded',
          'Where topics live: in the data directory, in memory (gone at the end), or in Apache Kafka.',
        ),
        maintenanceMs: whole(
          'ms',
          30 * SECOND,
          [SECOND, DAY],
          'How often the embedded log drops what is beyond retention and compacts what can be compacted.',
        ),
      })
      .readonly(),
    kafka: z
      .object({
        brokers: text(
          'localhost:9092',
          /^[^\s,]+:\d{1,5}(,[^\s,]+:\d{1,5})*$/,
          'host:port, several with commas between',
          'Brokers to begin with; the others are learnt.',
        ),
        clientId: text('tributary', /^[A-Za-z0-9._-]{1,100}$/, ID_RULE, "Our name in the brokers' logs and quotas."),
        idPrefix: text(
          'tributary-',
          /^[A-Za-z0-9._-]{0,100}$/,
          `empty or ${ID_RULE}`,
          'Put before every consumer group and transactional id, so that several installations can share a cluster.',
        ),
        replicationFactor: whole(
          'replicas',
          -1,
          [-1, 32_767],
          "Replicas of topics that are created; -1 = the cluster's own default. In production: 3.",
        ),
        compression: choice(
          CODECS,
          'none',
          'How batches are packed when written. All of none, gzip, snappy, lz4 and zstd are read.',
        ),
        connectMs: whole('ms', 10 * SECOND, [100, 10 * MINUTE], 'How long a connection may take, login included.'),
        requestMs: whole('ms', 30 * SECOND, [100, 10 * MINUTE], 'How long an answer of a broker is waited for.'),
        retryMs: whole(
          'ms',
          30 * SECOND,
          [0, HOUR],
          'How long one call goes on trying while brokers are away or leaders change.',
        ),
        transactionMs: whole(
          'ms',
          15 * SECOND,
          [SECOND, 15 * MINUTE],
          'The brokers abort a transaction that is open for longer; readers wait at it until then.',
        ),
        sessionMs: whole(
          'ms',
          10 * SECOND,
          [500, 30 * MINUTE],
          'After this a silent process loses its tasks to others (group.min.session.timeout.ms of the brokers is less).',
        ),
        rebalanceMs: whole('ms', 30 * SECOND, [SECOND, HOUR], 'How long tasks may take to stop when they move.'),
        tls: z
          .object({
            enabled: choice(['false', 'true'], 'false', 'Whether brokers are spoken to over TLS.'),
            caFile: optionalFile(
              'Certificates (PEM) of the authorities that brokers are trusted by; unset = those of Node.',
            ),
            certFile: optionalFile('Our certificate (PEM), where brokers ask for one.'),
            keyFile: optionalFile('The private key (PEM) of our certificate.'),
          })
          .readonly(),
        sasl: z
          .object({
            mechanism: choice(
              ['none', 'plain', 'scram-sha-256', 'scram-sha-512', 'oauthbearer'],
              'none',
              'How we log in to the brokers.',
            ),
            user: optionalText(/^.{1,200}$/, 'up to 200 characters', 'User, or client id for oauthbearer.'),
            password: secret('Password of the user, or client secret for oauthbearer.'),
            tokenUrl: optionalUrl('oauthbearer: where tokens are given for client id and secret (client credentials).'),
            tokenScope: optionalText(/^.{1,500}$/, 'up to 500 characters', 'oauthbearer: scope to ask for.'),
            tokenFile: optionalFile(
              'oauthbearer: a file that holds the token, read at each login; instead of tokenUrl.',
            ),
          })
          .readonly(),
      })
      .readonly(),
    topics: z
      .object({
        prefix: text(
          '',
          /^[A-Za-z0-9._-]{0,40}$/,
          'up to 40 letters, digits, dots, underscores or hyphens',
          'Put before the name of every topic, so that several installations can share a log.',
        ),
        partitions: whole(
          'partitions',
          4,
          [1, 1024],
          'Partitions of every customer topic; each is one task. Cannot be changed once topics exist.',
        ),
        maxMessageBytes: whole(
          'bytes',
          1024 * 1024,
          [64 * 1024, 64 * 1024 * 1024],
          'Largest batch that input topics accept; facts and dead letters accept 256 KB more.',
        ),
        interactions: topic('customer.interactions.v1', 30 * DAY, 'contacts and everything about them'),
        purchases: topic('customer.purchases.v1', 30 * DAY, 'orders, refunds and subscriptions'),
        surveys: topic('customer.surveys.v1', 30 * DAY, 'survey invitations and answers'),
        profiles: topic('customer.profiles.v1', 30 * DAY, 'traits and erasures'),
        identities: topic('customer.identities.v1', 30 * DAY, 'identity links'),
        changes: topic('segments.changes.v1', 90 * DAY, 'segment changes'),
        facts: topic('customer.facts.v1', null, "the journal (J2: at least the longest window and the ledger's span)"),
        deadLetters: topic('customer.dead-letters.v1', 90 * DAY, 'records that could not be used'),
        memberships: topic(
          'segments.memberships.v1',
          DAY,
          "current memberships (compacted; this is its tombstones' time)",
        ),
        changelog: topic('_tributary.changelog', DAY, "state (compacted; this is its tombstones' time)"),
        definitions: keptTopic('segments.definitions.v1', 'segment definitions, kept without limit (D1)'),
        schemas: keptTopic('_tributary.schemas', 'schema ids'),
        imports: keptTopic('_tributary.imports', 'the progress of imports'),
      })
      .readonly(),
    registry: z
      .object({
        url: optionalUrl(
          "Schema registry with Confluent's interface; unset = schema ids are kept on a topic of the log.",
        ),
        user: optionalText(/^[^:]{1,200}$/, 'a name without colons', 'User of the registry, if it wants one.'),
        password: secret('Password (or API secret) of the user of the registry.'),
        caFile: optionalFile(
          'Certificates (PEM) of the authorities that the registry is trusted by; unset = those of Node.',
        ),
        timeoutMs: whole('ms', 10 * SECOND, [100, 5 * MINUTE], 'How long an answer of the registry is waited for.'),
      })
      .readonly(),
    clock: z
      .object({
        delayMs: whole('ms', 500, [0, HOUR], 'How long timers wait for events that are on their way (T3).'),
      })
      .readonly(),
    lateness: z
      .object({
        limitMs: whole(
          'ms',
          7 * DAY,
          [0, 3650 * DAY],
          'Events later than this are journaled but do not change state (T5).',
        ),
      })
      .readonly(),
    future: z
      .object({
        limitMs: whole('ms', 5 * MINUTE, [0, DAY], 'Events from further ahead than this go to the dead letters (T1).'),
      })
      .readonly(),
    dedup: z
      .object({
        windowMs: whole('ms', DAY, [0, 30 * DAY], 'How long an event id is remembered for each source (C1).'),
        idsMax: whole('ids', 2000, [1, 3000], 'Most event ids remembered per customer (C1); counted when hit.'),
      })
      .readonly(),
    commit: z
      .object({
        minMs: optionalWhole(
          'ms',
          [0, 10 * SECOND],
          'A task commits at the earliest this long after its last commit (K1); unset = 5 ms, on Kafka 25 ms.',
        ),
        maxMs: whole('ms', 100, [1, 60 * SECOND], 'A task with something to commit waits at most this long (K1).'),
        maxRecords: whole('records', 2_000, [1, 100_000], 'Most input records in one commit (K1).'),
        maxBytes: whole('bytes', 900_000, [16_384, 16_777_216], 'Most output bytes in one commit (K1).'),
      })
      .readonly(),
    segmenter: z
      .object({
        threads: whole(
          'threads',
          1,
          [1, 64],
          'Threads that run tasks, each a member of the consumer group. More than one needs log.kind = kafka.',
        ),
      })
      .readonly(),
    definitions: z
      .object({
        effectiveAfterMs: whole(
          'ms',
          5 * SECOND,
          [0, 365 * DAY],
          'From publication until a definition takes effect, unless it names an instant (D2).',
        ),
      })
      .readonly(),
    http: z
      .object({
        host: text(
          '127.0.0.1',
          /^[A-Za-z0-9.:_-]+$/,
          'a host name or address',
          'Address of probes and metrics. They carry no secret but belong to the inside of a network.',
        ),
        port: whole('port', 7070, [0, 65_535], 'Port of probes and metrics; 0 = any free one.'),
      })
      .readonly(),
    clickhouse: z
      .object({
        url: optionalUrl('ClickHouse server; unset = the embedded engine in the data directory.'),
        user: text('default', /^[^\s:]{1,100}$/, 'a name without spaces or colons', 'ClickHouse user.'),
        password: secret('Password of the ClickHouse user.'),
        database: text(
          'tributary',
          /^[A-Za-z_][A-Za-z0-9_]{0,60}$/,
          'letters, digits and underscores',
          'Database of the private tables; the public views are in the database of the same name with `_v1`.',
        ),
      })
      .readonly(),
    ledger: z
      .object({
        batchRows: whole('rows', 10_000, [1, 1_000_000], 'Most rows of one insert into ClickHouse.'),
        batchMs: whole('ms', SECOND, [10, 10 * MINUTE], 'A row waits at most this long for its insert.'),
      })
      .readonly(),
    logging: z
      .object({
        level: choice(
          ['trace', 'debug', 'info', 'warn', 'error', 'silent'],
          'info',
          'Least severe log line written to stderr.',
        ),
      })
      .readonly(),
    shutdown: z
      .object({
        drainMs: whole('ms', 10 * SECOND, [0, 10 * MINUTE], 'How long a stop may take to finish what it has begun.'),
      })
      .readonly(),
  })
  .readonly();

export type Config = z.infer<typeof CONFIG>;

/** Rules over several options; each names the option to correct. */
export function contradictions(config: Config): readonly { readonly key: string; readonly message: string }[] {
  const found: { key: string; message: string }[] = [];
  if (config.commit.minMs !== null && config.commit.minMs > config.commit.maxMs) {
    found.push({ key: 'commit.minMs', message: `must not exceed commit.maxMs (${config.commit.maxMs})` });
  }
  const { threads } = config.segmenter;
  // Members of a group need connections of their own; an embedded log has one owner, in one thread.
  if (threads > 1 && config.log.kind !== 'kafka') {
    const message = `is ${threads}; with log.kind = ${config.log.kind} tasks run in one thread`;
    found.push({ key: 'segmenter.threads', message });
  }
  if (config.commit.maxBytes > config.topics.maxMessageBytes) {
    const bound = config.topics.maxMessageBytes;
    found.push({ key: 'commit.maxBytes', message: `must not exceed topics.maxMessageBytes (${bound})` });
  }
  if (config.log.kind === 'kafka') found.push(...kafkaContradictions(config.kafka));
  const names = new Map<string, string>();
  for (const [key, section] of Object.entries(config.topics)) {
    if (typeof section !== 'object') continue;
    const other = names.get(section.name);
    if (other === undefined) names.set(section.name, key);
    else found.push({ key: `topics.${key}.name`, message: `is also the name of topics.${other}` });
  }
  return found;
}

function kafkaContradictions({ tls, sasl }: Config['kafka']) {
  const found: { key: string; message: string }[] = [];
  if ((tls.certFile === null) !== (tls.keyFile === null)) {
    const missing = tls.certFile === null ? 'certFile' : 'keyFile';
    found.push({ key: `kafka.tls.${missing}`, message: 'must be given too: certificate and key belong together' });
  }
  if (tls.enabled === 'false' && (tls.caFile !== null || tls.certFile !== null)) {
    found.push({ key: 'kafka.tls.enabled', message: 'must be true where certificates are given' });
  }
  const byToken = sasl.mechanism === 'oauthbearer';
  if (byToken && (sasl.tokenUrl === null) === (sasl.tokenFile === null)) {
    found.push({
      key: 'kafka.sasl.tokenUrl',
      message: 'or kafka.sasl.tokenFile must be given for oauthbearer, one of them',
    });
  }
  if (sasl.mechanism !== 'none' && sasl.tokenFile === null) {
    for (const key of ['user', 'password'] as const) {
      if (sasl[key] === null) found.push({ key: `kafka.sasl.${key}`, message: `must be given for ${sasl.mechanism}` });
    }
  }
  return found;
}

function isTimeZone(value: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: value });
    return true;
  } catch {
    // The platform tells an unknown zone by throwing, and by nothing else.
    return false;
  }
}

/** TLS and SASL by configuration, against a broker with certificates made here. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { freePorts } from '../../../infra/local-kafka/ports.ts';
import { loadConfig } from '../../../services/platform/config/load.ts';
import { openConfiguredKafkaLog } from '../../../services/platform/kafka/configured-log.ts';
import { batchOf, freshTopic, values } from '../../contract/log-harness.ts';
import { ownBroker } from '../../kafka/broker.ts';
import { makeAuthority, makeCertificate } from './certificates.ts';

const directory = mkdtempSync(join(tmpdir(), 'tributary-certificates-'));
makeAuthority(directory, 'authority');
makeAuthority(directory, 'stranger');
const keystore = makeCertificate(directory, 'broker', 'authority', 'valid');
const expired = makeCertificate(directory, 'expired', 'authority', 'expired');
makeCertificate(directory, 'client', 'authority', 'valid');
const file = (name: string): string => join(directory, name);

const [mutual, login, old, clear] = (await freePorts(4)) as [number, number, number, number];
const pem = (listener: string, store: string) => ({
  [`listener.name.${listener}.ssl.keystore.type`]: 'PEM',
  [`listener.name.${listener}.ssl.keystore.location`]: store,
  [`listener.name.${listener}.ssl.truststore.type`]: 'PEM',
  [`listener.name.${listener}.ssl.truststore.location`]: file('authority.pem'),
});
const jaas = (module: string, words = ''): string => `org.apache.kafka.common.security.${module} required ${words};`;

const broker = await ownBroker({
  listeners: [
    { name: 'MUTUAL', protocol: 'SSL', port: mutual },
    { name: 'LOGIN', protocol: 'SASL_SSL', port: login },
    { name: 'OLD', protocol: 'SSL', port: old },
    { name: 'CLEAR', protocol: 'SASL_PLAINTEXT', port: clear },
  ],
  formatWords: [
    '--add-scram',
    'SCRAM-SHA-256=[name=alice,password=of-a-test]',
    '--add-scram',
    'SCRAM-SHA-512=[name=alice,password=of-a-test]',
  ],
  settings: {
    ...pem('mutual', keystore),
    ...pem('login', keystore),
    ...pem('old', expired),
    'listener.name.mutual.ssl.client.auth': 'required',
    'listener.name.login.sasl.enabled.mechanisms': 'PLAIN,SCRAM-SHA-256,SCRAM-SHA-512',
    'listener.name.login.plain.sasl.jaas.config': jaas('plain.PlainLoginModule', 'user_alice="of-a-test"'),
    'listener.name.login.scram-sha-256.sasl.jaas.config': jaas('scram.ScramLoginModule'),
    'listener.name.login.scram-sha-512.sasl.jaas.config': jaas('scram.ScramLoginModule'),
    'listener.name.clear.sasl.enabled.mechanisms': 'OAUTHBEARER',
    'listener.name.clear.oauthbearer.sasl.jaas.config': jaas(
      'oauthbearer.OAuthBearerLoginModule',
      'unsecuredLoginStringClaim_sub="broker"',
    ),
  },
});

async function open(port: number, options: Readonly<Record<string, string>>) {
  const flags = Object.entries({ 'log.kind': 'kafka', brokers: `127.0.0.1:${port}`, connectMs: '5000', ...options });
  const { config } = loadConfig({
    environment: {},
    workingDirectory: directory,
    flags: flags.map(([key, value]) => ({ key: key === 'log.kind' ? key : `kafka.${key}`, value, place: key })),
  });
  return openConfiguredKafkaLog(config.kafka);
}

/** Opens a log, writes with it and reads it back. */
async function works(port: number, options: Readonly<Record<string, string>>): Promise<void> {
  const log = await open(port, options);
  const place = { topic: await freshTopic(log), partition: 0 };
  const producer = await log.transactionalProducer('secured');
  producer.begin();
  await producer.append(place, batchOf('secret'));
  await producer.commit();
  await producer.close();
  expect(await values(log, place)).toEqual(['secret']);
  await log.close();
}

const trusting = { 'tls.enabled': 'true', 'tls.caFile': 'authority.pem' };
const presenting = { 'tls.certFile': 'client.pem', 'tls.keyFile': 'client.key' };
const alice = { 'sasl.user': 'alice', 'sasl.password': 'of-a-test' };

describe.skipIf(broker === undefined)('a broker that is not open to everybody', () => {
  afterAll(async () => {
    await broker?.close();
    rmSync(directory, { recursive: true });
  });

  test('is used over TLS with certificates on both sides', () => works(mutual, { ...trusting, ...presenting }));

  test.each(['plain', 'scram-sha-256', 'scram-sha-512'])('is used over TLS with a login by %s', (mechanism) =>
    works(login, { ...trusting, ...alice, 'sasl.mechanism': mechanism }),
  );

  test('is used with a token, from a file or from a place that gives them', async () => {
    const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
    const now = Math.floor(Date.now() / 1000);
    const token = `${part({ alg: 'none' })}.${part({ sub: 'alice', iat: now, exp: now + 600 })}.`;
    writeFileSync(file('token'), `${token}\n`);
    await works(clear, { 'sasl.mechanism': 'oauthbearer', 'sasl.tokenFile': 'token' });
    const asked: string[] = [];
    const giver = createServer((request, response) => {
      asked.push(Buffer.from(request.headers.authorization!.slice('Basic '.length), 'base64').toString());
      response.setHeader('content-type', 'application/json').end(JSON.stringify({ access_token: token }));
    });
    await new Promise<void>((resolve) => giver.listen(0, '127.0.0.1', resolve));
    const tokenUrl = `http://127.0.0.1:${(giver.address() as AddressInfo).port}/token`;
    await works(clear, { ...alice, 'sasl.mechanism': 'oauthbearer', 'sasl.tokenUrl': tokenUrl });
    giver.close();
    expect(asked[0]).toBe('alice:of-a-test');
  });

  test.each([
    [
      'a wrong password',
      () => login,
      { ...trusting, ...alice, 'sasl.mechanism': 'plain', 'sasl.password': 'wrong' },
      /refused the login \(plain\)/,
    ],
    [
      'a wrong password by SCRAM',
      () => login,
      { ...trusting, ...alice, 'sasl.mechanism': 'scram-sha-256', 'sasl.password': 'wrong' },
      /refused the login \(scram-sha-256\)/,
    ],
    ['a mechanism the broker does not have', () => clear, { ...alice, 'sasl.mechanism': 'plain' }, /mechanism/],
    [
      'a certificate of an authority that is not trusted',
      () => mutual,
      { ...trusting, ...presenting, 'tls.caFile': 'stranger.pem' },
      /No trusted connection to broker 127\.0\.0\.1:\d+/,
    ],
    ['a certificate that has expired', () => old, trusting, /expired/],
  ])('%s ends at once, with what is wrong', async (_, port, options, words) => {
    const started = performance.now();
    await expect(open(port(), options)).rejects.toMatchObject({
      code: 'LOG_LOGIN_FAILED',
      message: expect.stringMatching(words) as unknown,
      facts: { broker: `127.0.0.1:${port()}` },
    });
    expect(performance.now() - started).toBeLessThan(4_000);
  });

  test.each([
    ['speaks plainly to a TLS listener', () => mutual, {}],
    ['speaks TLS to a plain listener', () => clear, trusting],
    ['has no certificate where one is asked for', () => mutual, trusting],
  ])('who %s is told so when the time for connecting is over', async (_, port, options) => {
    const failed = open(port(), { ...options, connectMs: '1000' });
    await expect(failed).rejects.toMatchObject({ facts: { broker: `127.0.0.1:${port()}` } });
    await expect(failed).rejects.toMatchObject({
      code: expect.stringMatching(/LOG_(UNAVAILABLE|LOGIN_FAILED)/) as unknown,
    });
  });

  test('a file that is not there is a mistake of the configuration', async () => {
    await expect(open(mutual, { ...trusting, 'tls.caFile': 'nowhere.pem' })).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      mistakes: [`kafka.tls.caFile names ${file('nowhere.pem')}, which cannot be read`],
    });
  });
});

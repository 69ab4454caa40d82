/** Certificates of a test, made by openssl: an authority, one of the broker's for loopback, an expired one, one of a stranger. */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const DAYS = { valid: '2', expired: '-1' } as const;

export function makeAuthority(directory: string, name: string): void {
  const words = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', DAYS.valid, '-subj', `/CN=${name}`];
  openssl(directory, [...words, '-keyout', `${name}.key`, '-out', `${name}.pem`]);
}

/** Key and certificate in one file, as a broker takes it, beside `<name>.key` and `<name>.pem`. Returns its path. */
export function makeCertificate(
  directory: string,
  name: string,
  authority: string,
  validity: keyof typeof DAYS,
): string {
  writeFileSync(join(directory, 'names'), 'subjectAltName=IP:127.0.0.1,DNS:localhost\n');
  const request = ['req', '-newkey', 'rsa:2048', '-nodes', '-subj', `/CN=${name}`];
  openssl(directory, [...request, '-keyout', `${name}.key`, '-out', `${name}.csr`]);
  openssl(directory, [
    ...['x509', '-req', '-in', `${name}.csr`, '-CA', `${authority}.pem`, '-CAkey', `${authority}.key`],
    ...['-CAcreateserial', '-days', DAYS[validity], '-extfile', 'names', '-out', `${name}.pem`],
  ]);
  const both = join(directory, `${name}-both.pem`);
  const read = (file: string): string => readFileSync(join(directory, file), 'utf8');
  writeFileSync(both, read(`${name}.key`) + read(`${name}.pem`));
  return both;
}

function openssl(directory: string, words: readonly string[]): void {
  execFileSync('openssl', [...words], { cwd: directory, stdio: 'pipe' });
}

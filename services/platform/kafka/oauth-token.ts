/** A token for a login by OAUTHBEARER, as OAuth 2's client credentials give it (RFC 6749, 4.4). */
import { Fault } from '../../core/faults.ts';

export interface TokenRequest {
  readonly url: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly scope: string | null;
}

const TIMEOUT_MS = 10_000;

/** Throws LOG_LOGIN_FAILED with the address, never with a secret. */
export async function tokenFrom({ url, clientId, clientSecret, scope }: TokenRequest): Promise<string> {
  const credentials = Buffer.from(`${encodeURIComponent(clientId)}:${encodeURIComponent(clientSecret)}`).toString(
    'base64',
  );
  const body = new URLSearchParams({ grant_type: 'client_credentials', ...(scope === null ? {} : { scope }) });
  let reason: string;
  try {
    const answer = await fetch(url, {
      method: 'POST',
      headers: { authorization: `Basic ${credentials}`, accept: 'application/json' },
      body,
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const { access_token: token } = (await answer.json()) as { readonly access_token?: unknown };
    if (answer.ok && typeof token === 'string') return token;
    reason = `status ${answer.status}`;
  } catch (error) {
    reason = error instanceof Error ? error.message : String(error);
  }
  throw new Fault('LOG_LOGIN_FAILED', `No token from ${url}: ${reason}`, { facts: { url, reason } });
}

import { createPrivateKey, sign, type JsonWebKey } from 'node:crypto';
import { clientCredentials } from '@attesta/sdk';
import type { Role } from '@attesta/service-kit';
import { readIssuerHome } from '@attesta/service-kit/issuer';
import type { Dice } from './dice.js';

const ROLES: readonly Role[] = ['publisher', 'subject', 'dpo', 'auditor', 'operator'];
const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');

/** Authorization headers of a running embedded system: good ones for every role, and others that must open nothing. */
export class Tokens {
  private constructor(
    private readonly sources: Map<Role, () => string | Promise<string>>,
    private readonly forged: readonly string[],
  ) {}

  /** @param home data directory of the system, whose issuer is answering */
  static async open(home: string): Promise<Tokens> {
    const { issuer, clients, keys } = readIssuerHome(home);
    const sources = new Map(
      ROLES.map((role) => {
        const { id, secret } = clients.find((client) => client.id === role)!;
        return [role, clientCredentials({ issuer, clientId: id, clientSecret: secret })];
      }),
    );
    const good = await sources.get('dpo')!();
    return new Tokens(sources, forgeries(good, keys[0] as JsonWebKey));
  }

  async of(role: Role): Promise<string> {
    return `Bearer ${await this.sources.get(role)!()}`;
  }

  anyRole(dice: Dice): Promise<string> {
    return this.of(dice.pick(ROLES));
  }

  none(dice: Dice): string {
    return dice.pick(this.forged);
  }
}

/** @param key the issuer's own: a token that has expired is refused for that alone */
function forgeries(good: string, key: JsonWebKey): string[] {
  const [head, claims, signature] = good.split('.') as [string, string, string];
  const read = (of: string) => JSON.parse(Buffer.from(of, 'base64url').toString()) as Record<string, unknown>;
  const signed = (changes: object) => {
    const text = `${head}.${part({ ...read(claims), ...changes })}`;
    const made = sign('sha256', Buffer.from(text), { key: createPrivateKey({ key, format: 'jwk' }), dsaEncoding: 'ieee-p1363' });
    return `Bearer ${text}.${made.toString('base64url')}`;
  };
  const now = Math.floor(Date.now() / 1000);
  return [
    signed({ exp: now - 3_600, iat: now - 7_200 }),
    signed({ nbf: now + 3_600 }),
    signed({ aud: 'another' }),
    signed({ iss: 'http://another.example' }),
    `Bearer ${head}.${claims}.${signature.slice(0, -4)}AAAA`,
    `Bearer ${head}.${part({ ...read(claims), roles: ROLES })}.${signature}`,
    `Bearer ${part({ ...read(head), alg: 'none' })}.${claims}.`,
    `Bearer ${part({ ...read(head), alg: 'HS256' })}.${claims}.${signature}`,
    `Bearer ${part({ ...read(head), kid: '../../etc/passwd' })}.${claims}.${signature}`,
    ...[
      'Bearer',
      'Bearer ',
      'Bearer a.b.c',
      'Bearer ..',
      `Bearer ${'A'.repeat(7_000)}`,
      `bearer  ${good} x`,
      'Basic ZHBvOmRwbw==',
      `${good}`,
    ],
  ];
}

import { KeyEncryptionKeyMissing, KeyProviderUnavailable, WrappedKeyAltered, type KeyProvider, type WrappedKey } from './key-provider.js';
import { grouped } from './grouped.js';
import { errorsIn, TransitHttp, type TransitAccess, type TransitAnswer } from './transit-http.js';

export interface TransitOptions extends TransitAccess {
  /** Name of the key; an operator makes it, of an AEAD type such as aes256-gcm96, not derived. */
  key: string;
  /** Where the engine is mounted; `transit` where nothing is said. */
  mount?: string | undefined;
  /** Bound to what is wrapped, as associated data: one service's wrapped keys do not open for another. */
  service: string;
}

interface BatchItem {
  ciphertext?: string;
  plaintext?: string;
  error?: string;
}

/** The server's limit of 32 MiB a request is far away; one that long would hold up others. */
const MOST_ITEMS = 1_000;
const AEAD = new Set(['aes128-gcm96', 'aes256-gcm96', 'chacha20-poly1305', 'xchacha20-poly1305']);
const KEK = /^transit:(.+):v([1-9][0-9]*)$/;

/**
 * Key-encryption keys in the Transit engine of HashiCorp Vault or OpenBao. Its policy needs `read` on keys/<key> and `update` on encrypt/<key> and
 * decrypt/<key>; without `create` there, a key name with a slip of the pen cannot become a key.
 */
export class TransitProvider implements KeyProvider {
  private readonly http: TransitHttp;
  private readonly place: string;
  private readonly associated: string;
  private checked = false;

  constructor(options: TransitOptions) {
    this.http = new TransitHttp(options);
    this.place = `${options.mount ?? 'transit'}/${options.key}`;
    this.associated = Buffer.from(`attesta/${options.service}`).toString('base64');
  }

  async wrap(keys: readonly Buffer[]): Promise<WrappedKey[]> {
    if (!this.checked) await this.current();
    const items = keys.map((key) => ({ plaintext: key.toString('base64'), associated_data: this.associated }));
    const answers = await this.batch('encrypt', this.place, items);
    return answers.map(({ ciphertext, error }) => {
      const [, version, wrapped] = /^vault:v([1-9][0-9]*):(.+)$/.exec(ciphertext ?? '') ?? [];
      if (wrapped === undefined)
        throw new KeyProviderUnavailable(`Transit wrapped nothing by ${this.place}: ${error ?? 'no ciphertext came'}`);
      return { kek: `transit:${this.place}:v${version}`, wrapped: Buffer.from(wrapped, 'base64') };
    });
  }

  /** Each by the key and version it names: after a change of TRANSIT_KEY the old one still opens. */
  async unwrap(keys: readonly WrappedKey[]): Promise<Buffer[]> {
    const opened = new Array<Buffer>(keys.length);
    const byPlace = grouped(
      keys.map((key, i) => ({ ...key, ...parts(key.kek), i })),
      ({ place }) => place,
    );
    for (const [place, wanted] of byPlace) {
      const items = wanted.map(({ wrapped, version }) => ({
        ciphertext: `vault:v${version}:${wrapped.toString('base64')}`,
        associated_data: this.associated,
      }));
      const answers = await this.batch('decrypt', place, items);
      for (const [at, { plaintext, error }] of answers.entries()) {
        const { i, kek } = wanted[at]!;
        if (error || plaintext === undefined) throw refused(kek, error ?? '');
        opened[i] = Buffer.from(plaintext, 'base64');
      }
    }
    return opened;
  }

  /** Not by /rewrap, which takes no associated data (hashicorp/vault#31791): the data keys pass through this process. */
  async rewrap(keys: readonly WrappedKey[]): Promise<WrappedKey[]> {
    return this.wrap(await this.unwrap(keys));
  }

  async current(): Promise<string> {
    const [mount, key] = split(this.place);
    const answer = await this.http.call('GET', `${mount}/keys/${key}`);
    const { type, derived, latest_version: latest } = answer.body.data ?? {};
    if (answer.status !== 200 || typeof latest !== 'number') throw missing(`transit:${this.place}`, answer);
    if (!AEAD.has(String(type)) || derived === true)
      throw new KeyEncryptionKeyMissing(
        `transit:${this.place}`,
        'is of a kind that cannot be used here; make one of type aes256-gcm96, not derived',
      );
    this.checked = true;
    return `transit:${this.place}:v${latest}`;
  }

  owns(kek: string): boolean {
    return kek.startsWith('transit:');
  }

  close(): void {
    this.http.close();
  }

  private async batch(verb: 'encrypt' | 'decrypt', place: string, items: readonly unknown[]): Promise<BatchItem[]> {
    const [mount, key] = split(place);
    const results: BatchItem[] = [];
    for (let at = 0; at < items.length; at += MOST_ITEMS) {
      const part = items.slice(at, at + MOST_ITEMS);
      const answer = await this.http.call('POST', `${mount}/${verb}/${key}`, { batch_input: part });
      // Where one item fails the whole is answered with 400, and each says what became of it.
      const found = answer.body.data?.['batch_results'];
      if (!Array.isArray(found) || found.length !== part.length) throw missing(`transit:${place}`, answer);
      results.push(...(found as BatchItem[]));
    }
    return results;
  }
}

function parts(kek: string): { place: string; version: string } {
  const [, place, version] = KEK.exec(kek) ?? [];
  if (place === undefined || version === undefined) throw new KeyEncryptionKeyMissing(kek, 'is no name of a Transit key and version');
  return { place, version };
}

/** The mount may have slashes itself. */
function split(place: string): [mount: string, key: string] {
  const slash = place.lastIndexOf('/');
  return [place.slice(0, slash), encodeURIComponent(place.slice(slash + 1))];
}

/** A version below min_decryption_version, or above the newest, is not there; anything else is about the bytes. */
const refused = (kek: string, error: string): Error =>
  /too old|disallowed by policy|too new|version/i.test(error)
    ? new KeyEncryptionKeyMissing(kek, `is refused by the Transit server (${error})`)
    : new WrappedKeyAltered(kek, { cause: new Error(error) });

function missing(kek: string, answer: TransitAnswer): Error {
  const said = errorsIn(answer.body).join('; ');
  if (answer.status === 404 && /no handler/i.test(said)) return new KeyEncryptionKeyMissing(kek, `has no engine at its mount (${said})`);
  if (answer.status === 404 || /not found/i.test(said))
    return new KeyEncryptionKeyMissing(kek, 'is not known to the Transit server; restore it');
  return new KeyProviderUnavailable(`the Transit server answered ${answer.status} about ${kek}${said && ` (${said})`}`);
}

import type { StoredEntry } from '@attesta/event-log';
import { LogReader, type LogFetch } from '@attesta/proof';
import { nodePrimitives } from '@attesta/proof/node';
import { leafHash } from '@attesta/proof';

export interface LedgerClientOptions {
  /** Base URL of the ledger; the log is below it at /log. */
  url: string;
  /** Access token of an auditor, for entries; hashes and checkpoints are open. */
  token?: (() => string | Promise<string>) | undefined;
  fetch?: typeof fetch;
}

const TIMEOUT_MS = 15_000;

/** The ledger's log over HTTP. */
export class LedgerClient {
  private readonly reader: LogReader;

  constructor(private readonly options: LedgerClientOptions) {
    this.reader = new LogReader(nodePrimitives, this.fetchLog);
  }

  /** @throws Error when the ledger does not have the path, or answers with more than a log can */
  readonly fetchLog: LogFetch = async (path, { maxBytes }) => {
    const { url, token, fetch: ask = fetch } = this.options;
    const headers = token && path.startsWith('tile/entries/') ? { authorization: `Bearer ${await token()}` } : undefined;
    const response = await ask(`${url.replace(/\/$/, '')}/log/${path}`, {
      ...(headers && { headers }),
      redirect: 'error',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    if (!response.ok) {
      await response.body?.cancel();
      throw new Error(`The ledger answered ${response.status} for ${path}`);
    }
    return bounded(response, maxBytes);
  };

  /** The ledger's verifier key line, to be believed on first use. */
  async key(): Promise<string> {
    return Buffer.from(await this.fetchLog('key', { maxBytes: 1_000 }))
      .toString()
      .trim();
  }

  /**
   * Sealed entries after a position, for a feed whose topic lost them. Only what the newest checkpoint covers: what is younger comes with a
   * later call. Its signature is not looked at: consumers of the feed trust the ledger for the order of entries, auditors need not.
   */
  readonly entries = async (after: number, limit: number): Promise<StoredEntry[]> => {
    const size = Number((await this.reader.note()).split('\n')[1]);
    const upto = Math.min(after + 1 + limit, Number.isSafeInteger(size) ? size : 0);
    const found: StoredEntry[] = [];
    if (upto <= after + 1) return found;
    for await (const { position, bytes } of this.reader.entries(after + 1, upto, size)) {
      found.push({ position, bytes: Buffer.from(bytes), leafHash: Buffer.from(leafHash(nodePrimitives.sha256, bytes)), trace: null });
    }
    return found;
  };
}

async function bounded(response: Response, maxBytes: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response.body ?? []) {
    const bytes = chunk as Uint8Array;
    length += bytes.length;
    if (length > maxBytes) throw new Error('The ledger answered with more bytes than a log can have there');
    chunks.push(bytes);
  }
  return Buffer.concat(chunks);
}

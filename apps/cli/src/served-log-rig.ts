/* A log in memory as /log serves it, for specs to tamper with. */
import zlib from 'node:zlib';
import {
  canonical,
  encodeEntryBundle,
  entriesPath,
  formatCheckpoint,
  leafHash,
  signNote,
  tilePath,
  TILE_WIDTH,
  tileWidth,
  TileTree,
  toBase64,
} from '@attesta/proof';
import { generateLogKey, nodePrimitives, signEd25519, type LogKey } from '@attesta/proof/node';
import { answerJson, problemDocument, type Handler } from './cli-rig.js';

const { sha256 } = nodePrimitives;

export const ORIGIN = 'log.example/attesta';
export type Files = Map<string, Uint8Array>;

export const newKey = (): LogKey => generateLogKey(ORIGIN);

export const subjectId = (n: number): string => `00000000-0000-4000-8000-${n.toString(16).padStart(12, '0')}`;

/** Entries about five subjects in turn, chained as the ledger chains them. `seed` makes another log of the same shape. */
export function sampleEntries(count: number, seed = 'a'): Uint8Array[] {
  const chains = new Map<string, { seq: number; prev: string }>();
  return Array.from({ length: count }, (_, i) => {
    const id = subjectId(i % 5);
    const last = chains.get(id);
    const subject = last ? { id, seq: last.seq + 1, prev: last.prev } : { id, seq: 1 };
    const entry = Buffer.from(
      canonical({
        v: 1,
        id: `${seed}-${i}`,
        source: '//shop.example',
        type: 'attesta.use.recorded.v1',
        time: '2026-02-03T04:05:06.000Z',
        recordedAt: '2026-02-03T04:05:07.000Z',
        subject,
        data: { categories: ['contact'], purposes: ['delivery'], basis: 'contract', operation: 'label' },
      }),
    );
    chains.set(id, { seq: subject.seq, prev: toBase64(leafHash(sha256, entry)) });
    return entry;
  });
}

/** Everything such a log serves, signed. */
export function filesOf(entries: readonly Uint8Array[], key: LogKey): Files {
  const files: Files = new Map();
  const tree = new TileTree(sha256, { onTile: (level, n, bytes) => files.set(tilePath(level, n, TILE_WIDTH), bytes.slice()) });
  entries.forEach((entry) => tree.append(leafHash(sha256, entry)));
  for (const { level, n, bytes } of tree.partialTiles()) files.set(tilePath(level, n, bytes.length / 32), bytes.slice());
  putEntries(files, entries);
  files.set('key', Buffer.from(`${key.verifierKey}\n`));
  files.set('checkpoint', Buffer.from(signedCheckpoint(key, entries.length, tree.root())));
  return files;
}

export function signedCheckpoint(key: LogKey, size: number, root: Uint8Array): string {
  return signNote(formatCheckpoint({ origin: ORIGIN, size, root }), ORIGIN, key.publicKey, (message) =>
    signEd25519(key.privateKeyPem, message),
  );
}

/** Replaces the entries and nothing else, as somebody with the table of entries would. */
export function putEntries(files: Files, entries: readonly Uint8Array[]): void {
  for (const name of [...files.keys()]) if (name.startsWith('tile/entries/')) files.delete(name);
  for (let n = 0; n * TILE_WIDTH < entries.length; n++) {
    const bundle = entries.slice(n * TILE_WIDTH, (n + 1) * TILE_WIDTH);
    files.set(entriesPath(n, tileWidth(0, n, entries.length)), encodeEntryBundle(bundle));
  }
}

/** Serves the files under /log, compressed as a proxy would; entries to the bearer of `token` alone, if one is named. */
export function logHandler(files: () => Files, token?: string): Handler {
  return ({ path, headers }, response) => {
    const name = path.replace(/^\/log\//, '');
    const bytes = files().get(name);
    if (token !== undefined && name.startsWith('tile/entries/') && headers.authorization !== `Bearer ${token}`) {
      return answerJson(response, 401, problemDocument(401, 'An access token is required', { fix: 'Send the token of an auditor.' }));
    }
    if (!bytes) return answerJson(response, 404, problemDocument(404, 'There is nothing here'));
    response.writeHead(200, { 'Content-Type': 'application/octet-stream', 'Content-Encoding': 'gzip' }).end(zlib.gzipSync(bytes));
  };
}

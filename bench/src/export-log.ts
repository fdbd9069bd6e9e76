import fs from 'node:fs/promises';
import path from 'node:path';
import { entriesPath, tilePath, tileWidth, TILE_WIDTH } from '@attesta/proof';
import type { Ledger } from '@attesta/ledger';
import { checkpointSize } from './grow.js';

/** Copies a log into a directory by its tlog-tiles paths, as an auditor would. @returns entries in it */
export async function exportLog(ledger: Ledger, directory: string): Promise<number> {
  const size = await checkpointSize(ledger);
  const paths = ['checkpoint', ...logPaths(size)];
  const next = paths.values();
  await Promise.all(
    Array.from({ length: 8 }, async () => {
      for (const file of next) {
        const to = path.join(directory, file);
        await fs.mkdir(path.dirname(to), { recursive: true });
        await fs.writeFile(to, await ledger.files.read(file));
      }
    }),
  );
  return size;
}

function* logPaths(size: number): Generator<string> {
  for (let level = 0, nodes = size; nodes > 0; level++, nodes = Math.floor(nodes / TILE_WIDTH)) {
    for (let n = 0; n * TILE_WIDTH < nodes; n++) {
      const width = tileWidth(level, n, size);
      yield tilePath(level, n, width);
      if (level === 0) yield entriesPath(n, width);
    }
  }
}

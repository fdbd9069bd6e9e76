import fs from 'node:fs';
import path from 'node:path';
import { Readable, Writable } from 'node:stream';
import { main as attesta } from '@attesta/cli';
import { FOLLOWERS } from './services.js';

/** Services whose database is not what the log alone gives, by `attesta restore`. The system must be stopped; it is another one afterwards. */
export async function restoredOtherwise(home: string): Promise<string[]> {
  const problems: string[] = [];
  for (const service of FOLLOWERS) {
    keyringInPlace(home, service);
    const { digests: before } = await answer(['digest', service, '--home', home]);
    const { digests, unsaid } = await answer(['restore', service, '--replace', '--home', home]);
    const other = Object.keys({ ...before, ...digests }).filter((table) => before[table] !== digests[table]);
    if (other.length > 0) problems.push(`${service}: not what the log gives: ${other.join(', ')}`);
    if (unsaid !== 0) problems.push(`${service}: ${unsaid} events follow from the log that it never said`);
  }
  return problems;
}

/** Where the embedded run keeps it, for which the command is. */
function keyringInPlace(home: string, service: string): void {
  const own = path.join(home, `${service}-keys`, 'keyring.json');
  if (fs.existsSync(own)) fs.copyFileSync(own, path.join(home, 'keys', `${service}-keyring.json`));
}

async function answer(args: string[]): Promise<{ digests: Record<string, string>; unsaid?: number }> {
  const written = { out: '', err: '' };
  const into = (name: 'out' | 'err') => new Writable({ write: (chunk, _encoding, done) => done(void (written[name] += String(chunk))) });
  const code = await attesta([...args, '--json'], {
    stdin: Readable.from([]),
    stdout: Object.assign(into('out'), { isTTY: false }),
    stderr: Object.assign(into('err'), { isTTY: false }),
    env: {},
    cwd: process.cwd(),
    now: () => new Date(),
  });
  if (code !== 0) throw new Error(`attesta ${args.join(' ')} ended with ${code}: ${written.out} ${written.err}`);
  return JSON.parse(written.out) as { digests: Record<string, string> };
}

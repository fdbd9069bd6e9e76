import { execFile } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** What is upgraded from. With each release its tag takes this place. */
const OLD_VERSION = '31252cfccccf303d14bf68c4065c956334981657';
const SERVICES = ['audit', 'consent', 'ledger', 'notification', 'requests', 'retention'];

/** It cannot be had here; the message says why. */
export class NoOldVersion extends Error {
  override name = 'NoOldVersion';
}

/**
 * Takes the old version out of this repository's history and builds it in `directory`. Third-party packages are those of this tree, which must be the same
 * versions; our own packages are the old version's.
 * @returns its name, and directory
 * @throws NoOldVersion
 */
export async function buildOldVersion(root: string, directory: string): Promise<{ commit: string; tree: string }> {
  const git = (...args: string[]) => run('git', ['-C', root, ...args], { maxBuffer: 64 << 20 });
  const commit = OLD_VERSION.slice(0, 7);
  try {
    await git('cat-file', '-e', `${OLD_VERSION}^{commit}`);
  } catch {
    throw new NoOldVersion(`this clone does not have commit ${commit}; a shallow one gets it with git fetch --unshallow`);
  }
  const others = differing(
    packagesOf((await git('show', `${OLD_VERSION}:package-lock.json`)).stdout),
    packagesOf(fs.readFileSync(path.join(root, 'package-lock.json'), 'utf8')),
  );
  if (others.length > 0) throw new NoOldVersion(`commit ${commit} has other third-party packages: ${others.join(', ')}`);
  const archive = path.join(directory, 'old.tar');
  const tree = path.join(directory, 'old');
  await git('archive', '--output', archive, OLD_VERSION);
  fs.mkdirSync(tree);
  await run('tar', ['-xf', archive, '-C', tree]);
  fs.rmSync(archive);
  linkPackages(root, tree);
  const libraries = fs.readdirSync(path.join(tree, 'libs')).map((name) => `libs/${name}`);
  for (const project of [...libraries, ...SERVICES.map((name) => `apps/${name}`)]) {
    await run(process.execPath, [path.join(tree, 'tools/build.mjs')], { cwd: path.join(tree, project) });
  }
  return { commit, tree };
}

/** node_modules of third parties from `root`, and of ours from the tree itself. */
function linkPackages(root: string, tree: string): void {
  const [from, to] = [path.join(root, 'node_modules'), path.join(tree, 'node_modules')];
  fs.mkdirSync(path.join(to, '@attesta'), { recursive: true });
  for (const name of fs.readdirSync(from)) if (name !== '@attesta') fs.symlinkSync(path.join(from, name), path.join(to, name));
  for (const folder of ['libs', 'apps']) {
    for (const name of fs.readdirSync(path.join(tree, folder))) {
      const { name: ours } = JSON.parse(fs.readFileSync(path.join(tree, folder, name, 'package.json'), 'utf8')) as { name: string };
      fs.symlinkSync(path.join(tree, folder, name), path.join(to, ours));
    }
  }
}

/** Third-party packages of a lock file, by place, and their versions. */
function packagesOf(lock: string): Map<string, string> {
  const { packages } = JSON.parse(lock) as { packages: Record<string, { version?: string; link?: boolean; dev?: boolean }> };
  const third = Object.entries(packages).filter(([place, { link, dev }]) => place.startsWith('node_modules/') && !link && !dev);
  return new Map(third.map(([place, { version }]) => [place.slice('node_modules/'.length), version ?? '']));
}

/** What the old version needs and this tree has not, or has otherwise. */
const differing = (old: Map<string, string>, now: Map<string, string>): string[] =>
  [...old].filter(([place, version]) => now.get(place) !== version).map(([place, version]) => `${place} ${version}`);

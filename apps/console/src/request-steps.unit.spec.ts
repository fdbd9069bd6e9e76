import fs from 'node:fs';
import { fileURLToPath } from 'node:url';
import { hasPackage, STATUSES, takes, TAKEN_WHILE, type Command } from '../web/console/pages/requests/request.js';

const DOCUMENT = fileURLToPath(new URL('../../../docs/requests.md', import.meta.url));

/** `command: the statuses it is taken in`, from the table that is made of the decider. */
function documented(): Map<string, string[]> {
  const rows = [...fs.readFileSync(DOCUMENT, 'utf8').matchAll(/^\| `([a-z-]+)` +\| ([a-z, -]+?) +\|/gm)];
  return new Map(rows.map(([, command, statuses]) => [command!, statuses!.split(', ')]));
}

describe('the actions that a request takes', () => {
  it.each(Object.keys(TAKEN_WHILE) as Command[])('%s is offered while the requests service takes it', (command) => {
    expect([...TAKEN_WHILE[command]].sort()).toEqual(documented().get(command)?.toSorted());
  });

  it('does not accept for somebody who has not proved who they are', () => {
    expect(takes('accept', { status: 'acknowledged', identity: 'unverified', due: null })).toBe(false);
    expect(takes('accept', { status: 'acknowledged', identity: 'verified', due: null })).toBe(true);
  });

  it('attests an identity once', () => {
    expect(takes('verify-identity', { status: 'acknowledged', identity: 'failed', due: null })).toBe(true);
    expect(takes('verify-identity', { status: 'acknowledged', identity: 'verified', due: null })).toBe(false);
  });

  it('extends only a clock that runs', () => {
    expect(takes('extend', { status: 'accepted', identity: 'verified', due: null })).toBe(false);
    expect(takes('extend', { status: 'accepted', identity: 'verified', due: '2026-12-01T00:00:00Z' })).toBe(true);
  });

  it('hands out a package of a copy that is made, to somebody who is known', () => {
    const made = { right: 'access', status: 'fulfilled', identity: 'verified' } as const;
    expect(hasPackage(made)).toBe(true);
    expect(hasPackage({ ...made, right: 'erasure' })).toBe(false);
    expect(hasPackage({ ...made, identity: 'failed' })).toBe(false);
    for (const status of STATUSES.filter((one) => one !== 'fulfilled')) expect(hasPackage({ ...made, status })).toBe(false);
  });
});

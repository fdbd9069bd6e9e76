import { Needles } from './needles.js';
import type { DumpPiece } from './system.js';

describe('needles in dumps', () => {
  const number = '1100935017104';
  const name = 'สมหญิง ใจดี';
  const needles = new Needles({ number, name });
  async function* dump(...texts: string[]): AsyncIterable<DumpPiece> {
    for (const text of texts) yield { where: 'ledger.public.entry', text };
  }

  it('finds nothing where nothing is', async () => {
    expect(await needles.findIn(dump('', '{"id":"x"}', '1100935017105'))).toEqual([]);
  });

  it.each([
    ['as it is', `("${number}",7)`],
    ['as hex, as bytea columns print', `\\x00ff${Buffer.from(`{"n":"${number}"}`).toString('hex')}`],
    ['in base64 at the first alignment', Buffer.from(`abc${number}xyz`).toString('base64')],
    ['in base64 at the second', Buffer.from(`a${number}xyz`).toString('base64')],
    ['in base64 at the third', Buffer.from(`ab${number}xyz`).toString('base64')],
    ['as hex in capitals', Buffer.from(number).toString('hex').toUpperCase()],
    ['in UTF-16, as bytea columns print', `\\x${Buffer.from(number, 'utf16le').toString('hex')}`],
    ['in UTF-16, as a file of it reads', Buffer.from(`n=${number}`, 'utf16le').toString('latin1')],
  ])('finds a number %s', async (_how, text) => {
    expect(await needles.findIn(dump(text))).toEqual(['number in ledger.public.entry']);
  });

  it.each([
    ['as it is', `{"name":"${name}"}`],
    ['escaped', JSON.stringify(name).replace(/[^\x20-\x7e]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`)],
    ['in a URL', `/people/${encodeURIComponent(name)}?as=name`],
    ['in base64url', Buffer.from(`{"name":"${name}"}`).toString('base64url')],
  ])('finds a Thai name %s', async (_how, text) => {
    expect(await needles.findIn(dump(text))).toEqual(['name in ledger.public.entry']);
  });
});

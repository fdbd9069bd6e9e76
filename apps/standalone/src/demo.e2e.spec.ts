import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import pg from 'pg';
import type { AuditorAnswer } from './auditor-answer.js';
import { answerFrom, playAgainst, playAndAsk } from './demo.run.js';
import { pinKey } from './auditor-answer.js';
import { SHIPPED_POLICY } from './shipped-files.js';
import type { PlayedDay } from './sample-day/play.js';
import { startStandalone, type Standalone } from './standalone.js';

const MINUTES = 60_000;
const DATE = '2026-03-02';

describe('the demo on a real, empty system', () => {
  let home: string;
  let standalone: Standalone;
  let day: PlayedDay;
  let answer: AuditorAnswer;

  beforeAll(async () => {
    home = await fs.mkdtemp(path.join(os.tmpdir(), 'attesta-demo-spec-'));
    await fs.chmod(home, 0o755);
    standalone = await startStandalone({ home, port: 0, host: '127.0.0.1', origin: 'spec.localhost/attesta', policyFile: SHIPPED_POLICY });
    ({ day, answer } = await playAndAsk(standalone, DATE));
  }, 3 * MINUTES);
  afterAll(async () => {
    await standalone.stop();
    await fs.rm(home, { recursive: true, force: true });
  });

  it('verifies the auditor’s answer and says so last', () => {
    expect(answer.why).toEqual([]);
    const [sealed, rejected, verdict] = answer.text.split('\n').slice(-3);
    expect(sealed).toBe(`sealed ${day.receipts.length} entries`);
    expect(rejected).toMatch(/^rejected 15 \(reasons: /);
    expect(verdict).toBe('VERIFIED');
  });

  it('answers with a person’s timeline, disclosures and complete evidence', () => {
    const { timeline, disclosures, evidence } = answer.person!;
    expect(timeline.length).toBeGreaterThan(15);
    expect(new Set(timeline.map(({ through }) => through)).size).toBeGreaterThan(1);
    expect(disclosures.map(({ recipient }) => recipient)).toEqual(expect.arrayContaining(['payment-provider', 'logistics-provider']));
    expect(evidence).toMatchObject({ ok: true, keyFrom: 'caller', manifest: { complete: { from: 1 } } });
  });

  it('shows what went wrong on the day as findings', () => {
    // The day is long ago: that nobody told people of data from third parties is found as well, once somebody looks.
    const ofTheDay = answer.findings.map(({ rule }) => rule).filter((rule) => rule !== 'source-not-told');
    expect(ofTheDay.sort()).toEqual(['collection-after-unlink', 'use-after-withdrawal']);
  });

  it('seals nothing more when the same day is played again', async () => {
    const again = await playAgainst(standalone, DATE);
    expect(again.duplicates).toBe(day.receipts.length);
    expect(again.receipts.map(({ position }) => position)).toEqual(day.receipts.map(({ position }) => position));
  });

  it('does not verify under another key than the one pinned', async () => {
    const other = (await pinKey(standalone.url)).replace(/^[^+]+/, 'other.localhost/attesta');
    expect((await answerFrom(standalone, other, day)).text).toMatch(/\nNOT VERIFIED: .+$/);
  });

  it('does not verify once somebody with the database in their hands has changed a byte', async () => {
    const key = await pinKey(standalone.url);
    const position = day.receipts[3]!.position!;
    const client = new pg.Client({ connectionString: standalone.adminUrl('attesta_ledger') });
    await client.connect();
    await client.query("set session_replication_role = 'replica'");
    await client.query('update entry set bytes = set_byte(bytes, 40, (get_byte(bytes, 40) # 1)) where position = $1', [position]);
    await client.end();
    const { verified, why } = await answerFrom(standalone, key, day);
    expect(verified).toBe(false);
    expect(why.join()).toMatch(`position ${position}`);
  });
});

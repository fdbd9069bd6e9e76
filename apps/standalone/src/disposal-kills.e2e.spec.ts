import { AttestaClient } from '@attesta/sdk';
import { generator } from '@attesta/testing/random';
import { collected } from './clauses/drafts.js';
import { happened } from './clauses/retention-questions.js';
import { KilledSystem } from './killed-system-rig.js';

const DAY_MS = 86_400_000;
const SEED = Number(process.env['SEED'] ?? 20_261_126);
/** What of a disposal the log holds when the process is killed. */
const STEPS = ['nothing', 'disposal.started', 'key.closed', 'disposal.systems-answered', 'disposal.instructed', 'key.destroyed'] as const;
type Step = (typeof STEPS)[number] | 'disposal.completed';
const ROUNDS = Number(process.env['ROUNDS'] ?? 2);

/** Kill -9 at each step of a disposal: it completes once, never half. */
describe('a disposal under kill -9', () => {
  let system: KilledSystem;
  const client = new AttestaClient({ source: '//killed.example', transport: { publish: () => Promise.resolve([]) } });
  const random = generator(SEED);

  beforeAll(async () => {
    system = await KilledSystem.start();
  }, 120_000);
  afterAll(() => system.stop(), 60_000);

  it.each(Array.from({ length: ROUNDS }).flatMap((_, round) => STEPS.map((step) => [step, round] as const)))(
    'killed after %s (round %i) completes once',
    async (step, round) => {
      const name = `account|killed-${step}-${round}`;
      const [first, second, kept] = await publish([
        client.event(about(name, 'preferences', ['support-and-maintenance'])),
        client.event(about(name, 'preferences', ['communication'])),
        client.event(about(name, 'transaction', ['service-fulfilment'])),
      ]);
      const { body: found } = await system.ask<{ subject: string }>('dpo', 'POST', '/v1/subjects/lookup', {
        subject: name,
        reason: 'case 7',
      });
      await publish([client.event(happened(name, { trigger: 'account-closed' }, new Date(Date.now() - 100 * DAY_MS).toISOString()))]);
      if (step !== 'nothing')
        await system.eventually(`${step} sealed`, async () => (await said(found.subject)).includes(step) || undefined);
      await new Promise((wake) => setTimeout(wake, random() * (step === 'nothing' ? 1500 : 20)));
      await system.kill();
      await system.up();
      await system.eventually('completed', async () => (await said(found.subject)).includes('disposal.completed') || undefined);
      await system.eventually('quiet', async () => {
        const { body } = await system.ask<{ data: { status: string }[] }>('auditor', 'GET', `/v1/disposals?subject=${found.subject}`);
        return body.data.length === 1 && body.data[0]!.status === 'completed' ? true : undefined;
      });
      const all = await said(found.subject);
      for (const one of [...STEPS.slice(1), 'disposal.completed'] as Step[])
        expect([one, all.filter((type) => type === one).length]).toEqual([one, 1]);
      expect(await Promise.all([first!, second!, kept!].map(statuses))).toEqual([['destroyed'], ['destroyed'], ['open']]);
      const keys = await system.database('attesta_vault', (db) =>
        db.query<{ class: string; alive: boolean }>(
          'select class, wrapped is not null as alive from data_key where subject = $1 order by class',
          [found.subject],
        ),
      );
      expect(keys.rows).toEqual([
        { class: 'preferences', alive: false },
        { class: 'transaction', alive: true },
      ]);
    },
    120_000,
  );

  const about = (subject: string, category: string, purposes: string[]) =>
    collected(
      subject,
      { categories: [category], purposes, occasion: 'service-access', personal: { [category]: { note: 'theirs' } } },
      { time: new Date(Date.now() - 400 * DAY_MS).toISOString() },
    );

  async function publish(events: object[]): Promise<number[]> {
    const headers = { 'content-type': 'application/cloudevents-batch+json' };
    const { status, body } = await system.ask<{ receipts: { position: number }[] }>('publisher', 'POST', '/v1/events', events, headers);
    expect(status).toBe(200);
    return body.receipts.map(({ position }) => position);
  }

  async function statuses(position: number): Promise<string[]> {
    const { body } = await system.ask<{ parts: { status: string }[] }>('dpo', 'POST', `/v1/entries/${position}/open`, { reason: 'case 7' });
    return body.parts.map(({ status }) => status);
  }

  /** Types of everything sealed of a person, in order. */
  function said(subject: string): Promise<string[]> {
    return system.database('attesta_ledger', async (db) => {
      const { rows } = await db.query<{ type: string }>(
        `select event->>'type' as type from entry, lateral (select convert_from(bytes, 'UTF8')::jsonb as event) e
          where event->'subject'->>'id' = $1 order by position`,
        [subject],
      );
      return rows.map(({ type }) => type.replace(/^attesta\./, '').replace(/\.v1$/, ''));
    });
  }
});

import { auditRig } from './audit-rig.js';
import { policy } from './policy-rig.js';
import { readDashboard } from './dashboard.js';
import { readRequests } from './request-lines.js';
import { readDisposals } from './disposal-lines.js';
import { readProcessingRecord } from './processing-activities.js';
import { readChoices } from './choices.projection.js';
it('is quick', async () => {
  const rig = await auditRig();
  const db = rig.db.pool;
  const N = 1_000_000;
  const q = async (text: string) => { const t = Date.now(); await db.query(text); console.log(Date.now() - t, text.slice(0, 60)); };
  await db.query('set statement_timeout=0');
  await q(`insert into timeline (position, subject, type, time, recorded_at, bytes) select i, gen_random_uuid(), 'attesta.collection.recorded.v1', timestamptz '2016-01-01' + i * interval '5 minutes', timestamptz '2016-01-01' + i * interval '5 minutes', '\\x7b7d' from generate_series(0, ${N - 1}) i`);
  // 40 types of events and 150 other keys on each of 3650 days
  await q(`insert into tally (kind, day, key, n, first) select 'event', d::date, 'attesta.type' || k, 70, 1 from generate_series(date '2016-01-01', date '2025-12-31', '1 day') d, generate_series(1, 40) k`);
  await q(`insert into tally (kind, day, key, n, first) select 'choice', d::date, 'purpose' || k || ' given', 7, 1 from generate_series(date '2016-01-01', date '2025-12-31', '1 day') d, generate_series(1, 30) k`);
  await q(`insert into tally (kind, day, key, n, first) select 'category', d::date, 'purpose' || k || ' cat' || c, 7, 1 from generate_series(date '2016-01-01', date '2025-12-31', '1 day') d, generate_series(1, 13) k, generate_series(1, 6) c`);
  await q(`insert into tally (kind, day, key, n, first) select 'processing', d::date, 'purpose' || k || ' ' || c, 7, 1 from generate_series(date '2016-01-01', date '2025-12-31', '1 day') d, generate_series(1, 13) k, generate_series(1, 3) c`);
  await q(`insert into tally (kind, day, key, n, first) select 'finding', d::date, 'rule' || k || ' violation', 7, 1 from generate_series(date '2016-01-01', date '2025-12-31', '1 day') d, generate_series(1, 10) k`);
  // 50,000 requests of 10 events; 1,000 open
  const R = 50_000;
  await q(`insert into request_event (position, request, event, subject, right_id, jurisdiction, channel, clock, due, details, occurred_at, recorded_at, source)
    select i * 20 + k, ('00000000-0000-4000-8000-' || lpad(to_hex(i), 12, '0'))::uuid, (array['received','acknowledged','identity-verified','accepted','task-issued','task-issued','task-answered','task-answered','package-made','fulfilled'])[k],
     gen_random_uuid(), case when k=1 then 'access' end, case when k=1 then 'th-pdpa' end, case when k=1 then 'form' end, null, null, case k when 5 then '{"task":"a","system":"x","kind":"access"}' when 7 then '{"task":"a","system":"x","outcome":"data"}' else '{}' end::json,
     timestamptz '2016-01-01' + i * interval '100 minutes', now(), '//x' from generate_series(0, ${R - 1}) i, generate_series(1, 10) k where not (k = 10 and i >= ${R - 1000})`);
  await q(`insert into disposal_event (position, disposal, event, subject, request, cause, details, occurred_at, recorded_at, source)
    select i * 20 + k, ('00000000-0000-4000-9000-' || lpad(to_hex(i), 12, '0'))::uuid, (array['started','keys-closed','systems-answered','instructed','keys-destroyed','completed'])[k], gen_random_uuid(), null, 'schedule', '{}', timestamptz '2016-01-01' + i * interval '100 minutes', now(), '//x' from generate_series(0, ${R - 1}) i, generate_series(1, 6) k where not (k = 6 and i >= ${R - 1000})`);
  await q(`insert into finding (position, finding, rule, severity, positions, explanation, recorded_at) select i * 10, 'rule' || i % 10 || ':' || i * 10, 'rule' || i % 10, 'violation', '{1}', 'x', now() from generate_series(0, 49999) i`);
  const { rows: cols } = await db.query(`select column_name from information_schema.columns where table_name='finding_event'`);
  const names = cols.map((c: { column_name: string }) => c.column_name);
  const extra = names.includes('raised') ? ['raised', `true`] : ['id, event, occurred_at', `gen_random_uuid()::text, 'raised', now()`];
  await q(`insert into finding_event (position, finding, rule, severity, positions, explanation, source, recorded_at, ${extra[0]}) select i * 10 + 5, 'rule' || i % 10 || ':' || i * 10, 'rule' || i % 10, 'violation', '{1}', 'x', '//attesta/audit', now(), ${extra[1]} from generate_series(0, 49999) i`);
  await q(`insert into choice (position, subject, purposes, status, made_by, method, occurred_at, recorded_at, source) select i*5, gen_random_uuid(), array[case when i % 1000 = 0 then 'rare' else 'marketing' end], 'given', 'subject', 'checkbox', now(), now(), '//x' from generate_series(0, 199999) i`);
  await q('vacuum analyze');
  const at = Date.parse('2026-01-01');
    const measure = async (name: string, work: () => Promise<unknown>) => {
    const times: number[] = [];
    for (let i = 0; i < 12; i++) { const t = performance.now(); await work(); times.push(performance.now() - t); }
    times.sort((a, b) => a - b);
    process.stderr.write(`${name}: p50 ${times[6]!.toFixed(0)} max ${times[11]!.toFixed(0)} ms\n`);
  };
  const d = (from: string, by: 'day' | 'month') => () => readDashboard(rig.audit.pool, policy, { from, until: '2025-12-31', by, asOf: N, at });


  const { openRequests } = await import('./request-lines.js');
  await measure('open requests', () => openRequests(db, policy, N * 20, at));
  await measure('dashboard 90 days', d('2025-10-01', 'day'));
  await measure('dashboard 2 years by day', d('2024-01-01', 'day'));
  await measure('dashboard 10 years by month', d('2016-01-01', 'month'));
  const ex = async (name: string, text: string, values: unknown[] = []) => {
    const { rows } = await db.query({ text: 'explain (analyze) ' + text, values });
    process.stderr.write(name + '\n' + rows.map((r) => (r as Record<string, string>)['QUERY PLAN']).join('\n') + '\n\n');
  };
  await ex('findings', `select rule, severity, count(*) as n from (
       select finding, rule, severity from finding where position <= $1
       union select finding, rule, severity from finding_event where event = 'raised' and position <= $1) f
       left join (select distinct on (finding) finding, event from finding_event where event in ('resolved', 'reopened') and position <= $1
                   order by finding, position desc) e using (finding)
      where coalesce(e.event, 'reopened') = 'reopened' group by rule, severity order by rule, severity`, [N*20]);
  const page = { asOf: N * 20, limit: 50, at };
  await measure('requests page', () => readRequests(db, policy, page));
  await measure('requests overdue', () => readRequests(db, policy, { ...page, overdue: true }));
  await measure('requests status rejected (none)', () => readRequests(db, policy, { ...page, status: 'rejected' }));
  await measure('disposals open', () => readDisposals(db, { asOf: N * 20, limit: 50, state: 'open' }));
  await measure('disposals', () => readDisposals(db, { asOf: N * 20, limit: 50 }));
  await measure('choices rare', () => readChoices(db, { asOf: N * 20, limit: 50, purpose: 'rare' }));
  await measure('record of processing', () => readProcessingRecord(db, policy, N * 20));
  await rig.close();
}, 280_000);

import pg from 'pg';
import { TestLedger } from '@attesta/testing';
import { auditRig, collection, consent, disclosure, person, use } from './audit-rig.js';
import { candidateOf, FactIndex } from './fact-index.js';
import { factOf } from './fact.js';
import { judge } from './findings.decider.js';
import { policy } from './policy-rig.js';

it('cost', async () => {
  const ledger = new TestLedger();
  const N = 30_000;
  for (let i = 0; i < N; i++) {
    const p = person(1 + (i * 7919) % 20_000);
    const k = i % 10;
    if (k < 5) ledger.seal(collection(p));
    else if (k < 8) ledger.seal(use(p));
    else if (k < 9) ledger.seal(disclosure(p, 'logistics-provider'));
    else ledger.seal(consent(p, 'given', ['marketing']));
  }
  const facts = ledger.stored.map((s) => factOf({ position: s.position, bytes: s.bytes, entry: JSON.parse(s.bytes.toString()) }));
  const index = new FactIndex(policy);
  for (let r = 0; r < 3; r++) {
    const t = performance.now();
    let n = 0;
    for (const f of facts) { const c = candidateOf(f); if (c) n += judge(c, index.knownOf(c), policy).length; }
    process.stderr.write(`judge ${(((performance.now() - t) * 1000) / N).toFixed(2)} us per entry (${n})\n`);
  }
  const sums = new Map<string, { n: number; ms: number }>();
  const original = pg.Client.prototype.query;
  (pg.Client.prototype as any).query = function (q: any, ...rest: any[]) {
    const name = q?.name ?? (typeof q === 'string' ? q.slice(0, 40) : q?.text?.slice(0, 40) ?? '?');
    const t = performance.now();
    const p = (original as any).call(this, q, ...rest);
    if (p?.then) p.then(() => { const s = sums.get(name) ?? { n: 0, ms: 0 }; s.n++; s.ms += performance.now() - t; sums.set(name, s); }, () => undefined);
    return p;
  };
  const t = performance.now();
  const rig = await auditRig({}, ledger);
  await rig.audit.caughtUp(N - 1);
  process.stderr.write(`total ${(performance.now() - t).toFixed(0)} ms\n`);
  for (const [name, { n, ms }] of [...sums].sort((a, b) => b[1].ms - a[1].ms).slice(0, 22)) process.stderr.write(`${ms.toFixed(0).padStart(7)} ms ${String(n).padStart(5)} ${name.replace(/\s+/g, ' ')}\n`);
  await rig.close();
}, 200_000);

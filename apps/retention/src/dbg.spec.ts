import { History, randomOf } from './retention-histories-rig.js';
import { Judge } from './retention-judge-rig.js';
import { RetentionRig } from './retention-rig.js';
import fs from 'node:fs';
it('dbg', async () => {
  for (const seed of (process.env.SEEDS ?? '3').split(',').map(Number)) {
    const rig = await RetentionRig.start((policy) => {
      for (const rule of policy.retention) if (rule.id === 'feedback-data') rule.action = 'review';
    });
    const history = new History(rig, randomOf(seed));
    const judge = new Judge(history);
    let bad: unknown;
    try {
      for (let step = 0; step < 41 && !bad; step++) {
        if (step < 40) await history.step();
        else await history.rest();
        const f = await judge.look();
        if (f.length) bad = f;
      }
    } catch (e) {
      bad = e;
    }
    if (bad) {
      const out = [String(bad instanceof Error ? bad.message : JSON.stringify(bad, null, 1)), ...history.told];
      for (const { position, bytes } of rig.ledger.log.stored) {
        const e = JSON.parse(bytes.toString());
        out.push(
          `${position} ${e.time} ${e.type} ${e.subject?.id ?? ''} ${JSON.stringify(e.data)} ${JSON.stringify(e.sealed?.map((s: any) => s.key))}`,
        );
      }
      fs.writeFileSync(`/tmp/retention-fe-${seed}.txt`, out.join('\n'));
      console.error('BAD', seed);
    }
    await rig.stop();
  }
});

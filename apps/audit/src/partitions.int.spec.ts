import { TestLedger } from '@attesta/testing';
import { auditRig, collection, consent, link, use } from './audit-rig.js';
import { readFindings } from './findings.projection.js';
import { ANNA, PHONE, TwoPartitions } from './partitions-rig.js';

describe('over a topic of several partitions', () => {
  const story = (ledger: TestLedger) => {
    ledger.seal(link(ANNA, PHONE, 'third-party-account'));
    ledger.seal(collection(PHONE));
    ledger.seal(link(ANNA, PHONE, 'third-party-account', false));
    ledger.seal(collection(PHONE));
    ledger.seal(link(ANNA, PHONE, 'third-party-account'));
    ledger.seal(consent(PHONE, 'given', ['marketing']));
    ledger.seal(use(ANNA, { purposes: ['marketing'], basis: 'consent' }));
    return ledger.seal(collection(PHONE));
  };

  it.each([
    ['the person first', [0, 1]],
    ['the account first', [1, 0]],
  ])('%s, the findings and digests are those of the log in its own order', async (_name, order) => {
    const ledger = new TestLedger();
    const feed = new TwoPartitions(ledger);
    const rig = await auditRig({ feed, fetchLog: ledger.fetchLog, verifierKey: ledger.key.verifierKey });
    const last = story(ledger);
    for (const partition of order) await feed.deliver(partition, last);
    await rig.audit.caughtUp(last);
    const found = await readFindings(rig.audit.pool, { asOf: last, limit: 10 });
    expect(found.map(({ finding }) => finding)).toEqual(['collection-after-unlink:3']);
    expect(await rig.audit.digest()).toEqual(await rig.audit.recount());
    await rig.close();
  });

  it('an answer reaches as far as the slowest partition', async () => {
    const ledger = new TestLedger();
    const feed = new TwoPartitions(ledger);
    const rig = await auditRig({ feed, fetchLog: ledger.fetchLog, verifierKey: ledger.key.verifierKey });
    const last = story(ledger);
    await feed.deliver(0, last);
    await feed.deliver(1, 2);
    expect(await rig.audit.standing.at()).toMatchObject({ position: 2, size: 8, lag: { events: 5 } });
    await rig.close();
  });
});

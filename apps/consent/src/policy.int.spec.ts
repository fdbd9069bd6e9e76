import { ConsentRig } from './consent-rig.js';
import type { OpenPolicy } from './open-policy.js';

let rig: ConsentRig;
beforeEach(async () => {
  rig = await ConsentRig.start();
});
afterEach(async () => {
  await rig.close();
  expect(rig.errors).toEqual([]);
});

const LOYALTY = {
  purpose: 'loyalty',
  title: 'Loyalty programme',
  bases: [{ jurisdiction: 'th-pdpa', bases: ['consent'] }],
  citation: 'PDPA s.19',
};

describe('the policy as data', () => {
  it('is told whole to auditors and data protection officers, with clauses and citations', async () => {
    for (const role of ['auditor', 'dpo'] as const) {
      const { status, body } = await rig.get<OpenPolicy>('/v1/policy', role);
      expect(status).toBe(200);
      expect(body.id).toBe('m-med');
      expect(body.jurisdictions.map(({ id }) => id)).toEqual(['th-pdpa', 'eu-gdpr']);
      expect(body.jurisdictions[0]!.bases[0]).toMatchObject({ id: 'consent', citation: 'PDPA s.19, s.24' });
      expect(body.categories.find(({ id }) => id === 'contact')).toMatchObject({ clauses: ['1.1'], title_th: 'ข้อมูลติดต่อ' });
      expect(body.retention.every(({ citation }) => citation !== '')).toBe(true);
      expect(body.backupsKeptFor).toBe('P35D');
      expect(Object.values(body).filter((part) => Array.isArray(part) && part.length === 0)).toEqual([]);
    }
  });

  it('says nothing of how codes and addresses are guarded', async () => {
    const { body } = await rig.get<object>('/v1/policy', 'dpo');
    expect(Object.keys(body).filter((name) => ['requests', 'messages', 'limits'].includes(name))).toEqual([]);
  });

  it('has a purpose that was registered since', async () => {
    expect((await rig.post('/v1/purposes', LOYALTY, 'dpo')).status).toBe(202);
    await rig.carry();
    const { body } = await rig.get<OpenPolicy>('/v1/policy', 'dpo');
    expect(body.purposes.find(({ id }) => id === 'loyalty')).toMatchObject({ title: 'Loyalty programme', registered: 'PDPA s.19' });
  });

  it('is not for publishers, operators and data subjects', async () => {
    for (const role of ['publisher', 'operator', 'subject'] as const) expect((await rig.get('/v1/policy', role)).status).toBe(403);
  });
});

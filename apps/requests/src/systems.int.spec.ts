import { RequestsRig } from './requests-rig.js';

let rig: RequestsRig;
beforeAll(async () => {
  rig = await RequestsRig.start();
});
afterAll(() => rig.stop());

const shop = { id: 'shop', title: 'Shop', source: '//shop.test', categories: ['contact'], kinds: ['access'] };
const accesses = async () =>
  (await rig.requests.log.read(-1, 100))
    .filter(({ type }) => type === 'attesta.access.recorded.v1')
    .map(({ actor, data }) => ({ actor, data }));

test.each([
  ['no webhook', undefined, 'shop'],
  ['a webhook', 'https://shop.example/hook?key=secret', 'shop at shop.example'],
  ['a webhook at an address', 'https://203.0.113.9:8443/hook', 'shop at an IP address'],
])('who lets a system know who asks for their rights is recorded: %s', async (_which, url, reason) => {
  const before = (await accesses()).length;
  expect((await rig.post('operator', '/v1/systems', { ...shop, ...(url && { url }) })).status).toBe(200);
  expect((await accesses()).slice(before)).toEqual([
    {
      actor: 'operator-7',
      data: { action: 'system.register', resource: 'POST /v1/systems', reason, outcome: 'allowed', role: 'operator' },
    },
  ]);
});

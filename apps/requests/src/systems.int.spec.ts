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

test.each(['business-transfer', 'shop.example/hook', 'https://', 'http://a b', 'ftp://shop.example', 'https://xn--a'])(
  'a webhook that is no web address is refused: %s',
  async (url) => {
    const { status, body } = await rig.post('operator', '/v1/systems', { ...shop, url });
    expect({ status, body }).toMatchObject({ status: 400, body: { errors: [{ field: '/url' }] } });
  },
);

import { randomUUID } from 'node:crypto';
import { LogReader, openNote, parseProof, parseVerifierKey, verifyInclusion, parseCheckpoint, leafHash, verifyLog } from '@attesta/proof';
import { nodePrimitives } from '@attesta/proof/node';
import request from 'supertest';
import { collection, openLedgerRig, type LedgerRig } from './spec-rig.js';

const PLANTED = { name: 'Ananda Planted', nationalId: '1101700230708', phone: '+66812345678', email: 'planted@example.co.th' };
let rig: LedgerRig;
let tokens: Record<'publisher' | 'dpo' | 'auditor', string>;
beforeAll(async () => {
  rig = await openLedgerRig();
  tokens = { publisher: await rig.token('publisher'), dpo: await rig.token('dpo'), auditor: await rig.token('auditor') };
});
afterAll(() => rig.close());

const call = (role: keyof typeof tokens, path: string, body: unknown, type = 'application/json') =>
  request(rig.server).post(path).auth(tokens[role], { type: 'bearer' }).set('content-type', type).send(JSON.stringify(body));
const publish = (event: unknown) => call('publisher', '/v1/events', event, 'application/cloudevents+json');
const lookup = async (subject: string) => (await call('dpo', '/v1/subjects/lookup', { subject, reason: 'spec' })).body.subject as string;

async function dump(): Promise<string> {
  const texts: string[] = [];
  for (const { pool } of rig.databases) {
    const tables = await pool.query<{ name: string }>(
      "select quote_ident(table_name) as name from information_schema.tables where table_schema = 'public'",
    );
    for (const { name } of tables.rows) {
      const { rows } = await pool.query(`select t::text as row from ${name} t`);
      // bytea is printed as hex: look in both
      for (const { row } of rows as { row: string }[])
        texts.push(
          row,
          row.replace(/\\x([0-9a-f]+)/g, (_, hex: string) => Buffer.from(hex, 'hex').toString('latin1')),
          row.replace(/\\x([0-9a-f]+)/g, (_, hex: string) => Buffer.from(hex, 'hex').toString('utf8')),
        );
    }
  }
  return texts.join('\n');
}

test('planted values are in no table in clear, whether the event was sealed or rejected', async () => {
  const personal = {
    identity: { name: PLANTED.name, nationalId: PLANTED.nationalId },
    contact: { phone: PLANTED.phone, email: PLANTED.email },
  };
  expect((await publish(collection({ subject: `th-national-id|${PLANTED.nationalId}` }, { personal }))).status).toBe(201);
  expect((await publish(collection({ subject: `email|${PLANTED.email}` }, { personal, purposes: ['none-such'] }))).status).toBe(422);
  expect((await publish(collection({ id: `order of ${PLANTED.email}` }))).status).toBe(422);
  const everything = await dump();
  expect(everything).toContain('collection.recorded');
  for (const value of Object.values(PLANTED)) expect(everything).not.toContain(value);
});

test('after the keys are destroyed the old proof still verifies, and nobody opens the value', async () => {
  const personal = { identity: { name: PLANTED.name } };
  const { body: receipt } = await publish(collection({ subject: 'account|c-2002' }, { personal }));
  const open = () => call('dpo', `/v1/entries/${receipt.position}/open`, { reason: 'spec' });
  expect((await open()).body.parts).toMatchObject([{ status: 'open', values: personal }]);
  await rig.ledger.integrator.integrate();
  const entry = (await rig.ledger.reader.entry(receipt.position))!.bytes;
  const proofFile = (await request(rig.server).get(`/v1/proofs/inclusion?position=${receipt.position}`)).text;

  const subject = await lookup('account|c-2002');
  const shredded = await call('dpo', `/v1/subjects/${subject}/shred`, { reason: 'erasure request 7' });
  expect(shredded.body).toMatchObject({ subject, destroyed: ['identity.1'], position: expect.any(Number) });
  expect((await open()).body.parts).toMatchObject([{ status: 'destroyed' }]);
  expect((await call('dpo', '/v1/subjects/lookup', { subject: 'account|c-2002', reason: 'spec' })).status).toBe(404);
  expect((await call('dpo', `/v1/subjects/${subject}/shred`, { reason: 'again' })).body).toMatchObject({ destroyed: [] });

  const { index, proof, checkpoint } = parseProof(proofFile);
  const { text } = openNote(nodePrimitives, checkpoint, [parseVerifierKey(rig.ledger.verifierKey)]);
  const { size, root } = parseCheckpoint(text);
  expect(verifyInclusion(nodePrimitives.sha256, { index, size, leaf: leafHash(nodePrimitives.sha256, entry), proof, root })).toBe(true);
  expect((await rig.ledger.reader.entry(receipt.position))!.bytes.equals(entry)).toBe(true);
});

test('two people in one event: forgetting one leaves the other readable (1.3)', async () => {
  const { body } = await publish(
    collection(
      { subject: 'account|a' },
      {
        categories: ['identity', 'connections'],
        personal: { identity: { name: 'A' } },
        related: [{ subject: 'account|b', role: 'friend', personal: { connections: { nickname: 'B' } } }],
      },
    ),
  );
  await call('dpo', `/v1/subjects/${await lookup('account|a')}/shred`, { reason: 'erasure' });
  const { parts } = (await call('dpo', `/v1/entries/${body.position}/open`, { reason: 'spec' })).body;
  expect(parts.map((part: { status: string }) => part.status)).toEqual(['destroyed', 'open']);
});

test('somebody of whom no value was ever sealed can be forgotten too', async () => {
  await publish(collection({ subject: 'account|keyless' }));
  const shredded = await call('dpo', `/v1/subjects/${await lookup('account|keyless')}/shred`, { reason: 'erasure' });
  expect(shredded.body).toMatchObject({ destroyed: [], position: expect.any(Number) });
  expect((await call('dpo', '/v1/subjects/lookup', { subject: 'account|keyless', reason: 'spec' })).status).toBe(404);
});

test('a refused event is kept as it came until somebody it names is forgotten', async () => {
  const personal = { identity: { name: 'Refused' } };
  const related = [{ subject: 'account|c-5005', role: 'friend' }];
  await publish(collection({ subject: 'account|c-5005' }));
  await publish(collection({ subject: 'account|c-4004' }, { personal, related, purposes: ['none-such'] }));
  const [{ position }] = (await request(rig.server).get('/v1/rejections?limit=1').auth(tokens.dpo, { type: 'bearer' })).body.data;
  const kept = async () => (await request(rig.server).get(`/v1/rejections/${position}`).auth(tokens.dpo, { type: 'bearer' })).body;
  expect((await kept()).original).toContain('Refused');

  await call('dpo', `/v1/subjects/${await lookup('account|c-5005')}/shred`, { reason: 'erasure' });
  expect(await kept()).toMatchObject({ original: null, problems: [{ code: 'unknown-purpose' }] });
});

test('a reason that names somebody is refused before anything is shown or destroyed', async () => {
  const { body: receipt } = await publish(collection({ subject: 'account|c-3003' }, { personal: { identity: { name: 'Kept' } } }));
  const subject = await lookup('account|c-3003');
  const reason = 'asked by somchai@example.com';
  expect((await call('dpo', `/v1/subjects/${subject}/shred`, { reason })).status).toBe(400);
  expect((await call('dpo', `/v1/entries/${receipt.position}/open`, { reason })).status).toBe(400);
  expect((await call('dpo', `/v1/entries/${receipt.position}/open`, { reason: 'case 7' })).body.parts).toMatchObject([{ status: 'open' }]);
});

test('a stranger reads the log over HTTP by the tlog-tiles paths', async () => {
  await call(
    'publisher',
    '/v1/events',
    Array.from({ length: 300 }, () => collection({ id: randomUUID() })),
    'application/cloudevents-batch+json',
  );
  await rig.ledger.integrator.integrate();
  const reader = new LogReader(nodePrimitives, async (path) => {
    const answer = await request(rig.server)
      .get(`/log/${path}`)
      .auth(tokens.auditor, { type: 'bearer' })
      .buffer(true)
      .parse((response, done) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => done(null, Buffer.concat(chunks)));
      });
    if (answer.status !== 200) throw new Error(`${answer.status} for ${path}`);
    return answer.body as Buffer;
  });
  const report = await verifyLog(nodePrimitives, reader, { key: rig.ledger.verifierKey });
  expect(report).toMatchObject({ ok: true, problems: [] });
});

import type { CloudEvent } from '@attesta/events';
import { IntakeKey, IntakeMac, type Authenticated } from '@attesta/vault';
import { AttestaClient, AttestaError, report } from './index.js';
import { intakeKeys, intakeSigner, kafkaIntake, type IntakeKeys } from './kafka.js';

const pepper = new Uint8Array(32).fill(7);
const collection = (subject: string) =>
  report.collection(subject, {
    categories: ['contact'],
    purposes: ['delivery'],
    basis: 'contract',
    occasion: 'order',
    method: 'form',
    channel: 'web',
    origin: 'subject',
    personal: { contact: { name: 'Somchai Jaidee' } },
    related: [{ subject: 'phone|+66812345678', role: 'recipient', personal: { contact: { phone: '+66812345678' } } }],
  });

describe('publishing through Kafka', () => {
  const ledger = new IntakeKey([IntakeKey.generate()]);
  const sent: CloudEvent[] = [];
  const publisher = { publish: async (events: readonly CloudEvent[]) => void sent.push(...events) };
  const client = () =>
    new AttestaClient({
      source: '//shop.example/orders',
      newId: () => 'e-1',
      transport: kafkaIntake({ publisher, pepper, intakeKey: ledger.publicKey }),
    });
  beforeEach(() => (sent.length = 0));

  it('lets no identifier and no personal value out in clear, and the ledger can read them', async () => {
    expect(await client().publish(collection('email|Somchai@Example.com'))).toEqual({
      id: 'e-1',
      source: '//shop.example/orders',
      status: 'accepted',
    });
    expect(JSON.stringify(sent)).not.toMatch(/somchai|Jaidee|66812345678/i);
    const [event] = sent;
    expect(event?.subject).toMatch(/^ref1\.[\w-]{43}$/);
    const context = { source: '//shop.example/orders', id: 'e-1', subject: event?.subject ?? '' };
    expect(ledger.decrypt(event?.data.personal as string, context)).toEqual({ contact: { name: 'Somchai Jaidee' } });
    const person = event?.data.related?.[0];
    expect(ledger.decrypt(person?.personal as string, { ...context, subject: person?.subject ?? '' })).toEqual({
      contact: { phone: '+66812345678' },
    });
  });

  it('gives one person one ref, however the address is written', async () => {
    await client().publishMany([collection('email|somchai@example.com'), collection('email| Somchai@EXAMPLE.com ')]);
    expect(sent[0]?.subject).toBe(sent[1]?.subject);
  });

  it('leaves refs as they are', async () => {
    const ref = `ref1.${'a'.repeat(43)}`;
    await client().publish(collection(ref));
    expect(sent[0]?.subject).toBe(ref);
  });

  it('refuses an identifier that cannot be normalised before anything is sent', async () => {
    await expect(client().publish(collection('phone|call me'))).rejects.toBeInstanceOf(AttestaError);
    expect(sent).toHaveLength(0);
  });

  it('says that events must be published again when the broker did not take them', async () => {
    const failing = kafkaIntake({
      publisher: { publish: () => Promise.reject(new Error('no leader')) },
      pepper,
      intakeKey: ledger.publicKey,
    });
    const error = new AttestaClient({ source: '//shop.example', transport: failing }).publish(collection('account|c-1'));
    await expect(error).rejects.toThrow(/again under the same ids/);
  });

  it('signs what it sends, and sends nothing for a source that is not its own', async () => {
    const macs = new IntakeMac([IntakeMac.generate()]);
    const intakeKey = { ...ledger.publicKey, mac: macs.keysFor(['//shop.example']) };
    const record = { attributes: 'a', value: Buffer.from('v') };
    const headers: string[] = [];
    const transport = kafkaIntake({
      pepper,
      intakeKey,
      publisher: {
        publish: (events, signer) => Promise.resolve(void headers.push(...events.map(({ source }) => signer!.sign(source, record)))),
      },
    });
    await new AttestaClient({ source: '//shop.example/orders', transport }).publish(collection('account|c-1'));
    expect(headers.map((header) => macs.fault(header, '//shop.example/orders', record))).toEqual([undefined]);
    const posing = new AttestaClient({ source: '//attesta/consent', transport }).publish(collection('account|c-1'));
    await expect(posing).rejects.toThrow(/does not name the source/);
    expect(headers).toHaveLength(1);
  });
});

describe('the signer of a process that runs on and on', () => {
  const record = { attributes: 'a', value: Buffer.from('v') };
  const [old, renewed] = [IntakeMac.generate(), IntakeMac.generate()];
  let answer: Partial<IntakeKeys> | undefined;
  let now: number;
  let asked: number;
  const options = {
    url: 'http://ledger',
    token: () => 'token',
    now: () => now,
    fetch: () => {
      asked++;
      return answer ? Promise.resolve(Response.json(answer)) : Promise.reject(new Error('away'));
    },
  };
  const signer = () => intakeSigner(options);
  const keysOf = (...secrets: (typeof old)[]): IntakeKeys => ({
    ...new IntakeKey([IntakeKey.generate()]).publicKey,
    mac: new IntakeMac(secrets).keysFor(['//attesta/consent']),
  });
  beforeEach(() => {
    answer = keysOf(old);
    now = asked = 0;
  });

  it('takes up renewed keys, and keeps those it has while the ledger is away', async () => {
    const one = signer();
    await one.ready();
    await one.ready();
    expect(asked).toBe(1);
    now += 300_000;
    answer = undefined;
    await one.ready();
    expect(one.sign('//attesta/consent', record)).toContain(old.kid);
    answer = keysOf(renewed, old);
    await one.ready();
    expect(one.sign('//attesta/consent', record)).toContain(renewed.kid);
  });

  it('publishes with renewed keys too, both to sign and to encrypt', async () => {
    const kids: string[] = [];
    const publisher = {
      publish: ([event]: readonly CloudEvent[], sender?: { sign(source: string, record: Authenticated): string }) => {
        const [header] = String(event!.data.personal).split('.');
        kids.push(JSON.parse(Buffer.from(header!, 'base64url').toString()).kid, sender!.sign(event!.source, record).split('.')[1]!);
        return Promise.resolve();
      },
    };
    const client = new AttestaClient({
      source: '//attesta/consent',
      transport: kafkaIntake({ publisher, pepper, intakeKey: intakeKeys(options) }),
    });
    await client.publish(collection('account|c-1'));
    const first = answer!.kid;
    answer = keysOf(renewed, old);
    await client.publish(collection('account|c-1'));
    now += 300_000;
    await client.publish(collection('account|c-1'));
    expect(kids).toEqual([first, old.kid, first, old.kid, answer.kid, renewed.kid]);
  });

  it('says so when it has none, or none for the source', async () => {
    answer = undefined;
    await expect(signer().ready()).rejects.toThrow('away');
    answer = new IntakeKey([IntakeKey.generate()]).publicKey;
    await expect(signer().ready()).rejects.toThrow(/names no source/);
    answer = keysOf(old);
    const one = signer();
    expect(() => one.sign('//attesta/consent', record)).toThrow(/ready/);
    await one.ready();
    expect(() => one.sign('//attesta/audit', record)).toThrow(/does not name the source/);
  });
});

import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { withCheckDigit } from '../sample-day/people.js';
import { collected } from './drafts.js';
import { Needles } from './needles.js';
import type { Stage } from './stage.js';

interface OpenedParts {
  parts: { subject: string; key: string; status: 'open' | 'destroyed' | 'removed' | 'missing' | 'altered'; values?: unknown }[];
}

const reason = 'Clause by clause';

/** How data is kept: clauses 1.1, 1.3 and 6.3. */
export const guarding = {
  async '1.1'(stage: Stage) {
    const number = withCheckDigit(`1${randomInt(10 ** 10, 10 ** 11)}`);
    const planted = {
      nationalId: number,
      name: `สมหญิง ใจดีเลิศล้ำ${number.slice(-4)}`,
      email: `somying.${number.slice(-6)}@mail.example`,
      phone: `+668${number.slice(-8)}`,
      bankAccount: `${number.slice(2, 5)}-${number.slice(5, 11)}-${number.slice(11)}`,
    };
    const subject = `th-national-id|${number}`;
    const position = await stage.sealedOne(
      collected(subject, {
        categories: ['identity', 'official-identifier', 'address', 'contact', 'bank-account'],
        occasion: 'document',
        method: 'document',
        channel: 'in-person',
        context: { document: 'id-card-copy' },
        personal: {
          identity: { name: planted.name },
          'official-identifier': { nationalId: planted.nationalId },
          address: { address: `7 ถนนท่าแพ, ${planted.name}` },
          contact: { email: planted.email, phone: planted.phone },
          'bank-account': { number: planted.bankAccount },
        },
      }),
    );
    assert.equal((await stage.collection(subject, position)).categories.length, 5);
    const opened = await stage.post<OpenedParts>('dpo', `/v1/entries/${position}/open`, { reason });
    assert.match(JSON.stringify(opened.parts), new RegExp(number), 'who may open it finds the number as it was sent');
    const found = await new Needles(planted).findIn(stage.system.dumps());
    assert.deepEqual(found, [], 'no store holds a planted value in clear');
    const control = await new Needles({ source: stage.source }).findIn(stage.system.dumps());
    assert.ok(control.length > 0, 'the dumps hold what may be in clear, so they were searched');
  },

  async '1.3'(stage: Stage) {
    const [a, b] = [stage.someone('a'), stage.someone('b')];
    const position = await stage.sealedOne(
      collected(a, {
        categories: ['connections', 'contact'],
        personal: { contact: { email: 'a.of.two@mail.example' } },
        related: [{ subject: b, role: 'friend', personal: { contact: { email: 'b.of.two@mail.example' } } }],
      }),
    );
    const [idA, idB] = [await stage.idOf(a), await stage.idOf(b)];
    const open = async () => {
      const { parts } = await stage.post<OpenedParts>('dpo', `/v1/entries/${position}/open`, { reason });
      return Object.fromEntries(parts.map(({ subject, status }) => [subject, status]));
    };
    assert.deepEqual(await open(), { [idA]: 'open', [idB]: 'open' });
    const shredded = await stage.post<{ position: number }>('dpo', `/v1/subjects/${idA}/shred`, { reason });
    stage.show(shredded.position);
    assert.deepEqual(await open(), { [idA]: 'destroyed', [idB]: 'open' }, 'one is forgotten, the other is as before');
    const { entry } = await stage.get<{ entry: { subject: { id: string } } }>('auditor', `/v1/events/${position}`);
    assert.equal(entry.subject.id, idA, 'the entry itself stays');
  },

  async '6.3'(stage: Stage) {
    const person = stage.someone('person');
    const position = await stage.sealedOne(collected(person, { personal: { contact: { email: 'kept.safe@mail.example' } } }));
    const { entry } = await stage.get<{ entry: { sealed: { alg: string }[] } }>('auditor', `/v1/events/${position}`);
    assert.deepEqual(
      entry.sealed.map(({ alg }) => alg),
      ['A256GCM'],
      'the values are encrypted',
    );
    const id = await stage.idOf(person);
    await stage.collections(id);
    const path = `/v1/subjects/${id}/timeline?reason=${encodeURIComponent(reason)}`;
    for (const role of ['operator', 'publisher'] as const) {
      const { status } = await stage.system.http(role, 'GET', path);
      assert.equal(status, 403, `${role} is not let in`);
    }
    const logged = (query: string, role: string) =>
      stage.eventually(`the look of ${role} in the access log`, async () => {
        const { data } = await stage.get<{ data: { position: number; resource: string; role: string | null; action: string }[] }>(
          'auditor',
          `/v1/access-log?limit=100&${query}`,
        );
        return data.find(
          (row) => row.position > position && row.role === role && /subjects\/:id\/(timeline|collections)/.test(row.resource),
        );
      });
    const allowed = await logged(`outcome=allowed&subject=${id}`, 'auditor');
    const denied = [await logged('outcome=denied', 'operator'), await logged('outcome=denied', 'publisher')];
    stage.show(allowed.position, ...denied.map((row) => row.position));
  },
};

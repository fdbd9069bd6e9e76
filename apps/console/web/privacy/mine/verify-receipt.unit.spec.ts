import {
  formatCheckpoint,
  formatProof,
  formatVerifierKey,
  inclusionProof,
  leafHash,
  nodeHash,
  portableSha256,
  rootAt,
  signNote,
} from '@attesta/proof';
import { ed25519 } from '@noble/curves/ed25519.js';
import { browserPrimitives } from '../../kit/proof/primitives.js';
import { standsInLog, type ProvenReceipt } from './verify-receipt.js';

const NAME = 'log.example';
const secret = new Uint8Array(32).fill(7);
const keyOf = (one: Uint8Array) => formatVerifierKey(NAME, ed25519.getPublicKey(one));
const choice = { id: 'c-1', source: '//attesta/consent', status: 'withdrawn', purposes: ['marketing'] };
const sealed = JSON.stringify({ id: 'c-1', source: '//attesta/consent', data: { status: 'withdrawn', purposes: ['marketing'] } });

/** A receipt of the third of three entries. */
async function receipt(entry = sealed): Promise<ProvenReceipt> {
  const leaves = ['zero', 'one', sealed].map((text) => leafHash(portableSha256, new TextEncoder().encode(text)));
  const hashAt = (level: number, index: number): Uint8Array =>
    level === 0 ? leaves[index]! : nodeHash(portableSha256, hashAt(level - 1, index * 2), hashAt(level - 1, index * 2 + 1));
  const text = formatCheckpoint({ origin: NAME, size: 3, root: await rootAt(3, hashAt) });
  const checkpoint = signNote(text, NAME, ed25519.getPublicKey(secret), (message) => ed25519.sign(message, secret));
  const tlogProof = formatProof({ index: 2, proof: await inclusionProof(2, 3, hashAt), checkpoint });
  return { receipt: {}, proof: { position: 2, entry, tlogProof } };
}
const check = async (given: ProvenReceipt, made = choice, key = keyOf(secret)) => standsInLog(browserPrimitives, given, made, key);

describe('a choice', () => {
  test('stands in the log', async () => expect(await check(await receipt())).toEqual({ stands: true, position: 2 }));

  test('does not when the entry was changed', async () => {
    const changed = sealed.replace('"//attesta', ' "//attesta');
    expect(await check(await receipt(changed))).toEqual({ stands: false, because: 'not-in-log' });
  });

  test('does not when somebody else signed', async () =>
    expect(await check(await receipt(), choice, keyOf(new Uint8Array(32).fill(8)))).toEqual({ stands: false, because: 'not-in-log' }));

  test('does not at another position, or when the proof is none', async () => {
    const { receipt: _, proof } = await receipt();
    expect(await check({ receipt: {}, proof: { ...proof, position: 1 } })).toEqual({ stands: false, because: 'not-in-log' });
    expect(await check({ receipt: {}, proof: { ...proof, tlogProof: 'nothing' } })).toEqual({ stands: false, because: 'not-in-log' });
  });

  test.each([{ id: 'c-2' }, { source: '//shop' }, { status: 'given' }, { purposes: ['marketing', 'personalisation'] }])(
    'is another one where the entry does not say %j',
    async (other) => expect(await check(await receipt(), { ...choice, ...other })).toEqual({ stands: false, because: 'another-choice' }),
  );
});

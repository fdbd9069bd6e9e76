import crypto from 'node:crypto';
import { formatCheckpoint } from './checkpoint.js';
import { cosign, formatWitnessKey, parseWitnessKey, readCosignatures } from './cosignature.js';
import { generateLogKey, nodePrimitives, signEd25519 } from './node.js';
import { NoteError, openNote, parseVerifierKey, signNote, splitNote } from './note.js';

const log = generateLogKey('log.example/attesta');
const seed = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), Buffer.alloc(32, 7)]);
const privateKey = crypto.createPrivateKey({ key: seed, format: 'der', type: 'pkcs8' });
const publicKey = new Uint8Array(crypto.createPublicKey(privateKey).export({ format: 'der', type: 'spki' }).subarray(-32));
const NAME = 'witness.example/w1';
const TIME = 1_679_315_147;
const key = parseWitnessKey(formatWitnessKey(NAME, publicKey));
const text = formatCheckpoint({ origin: 'log.example/attesta', size: 20_852_163, root: new Uint8Array(32).fill(9), extensions: ['more'] });
const note = signNote(text, 'log.example/attesta', log.publicKey, (message) => signEd25519(log.privateKeyPem, message));
const sign = (message: Uint8Array) => signEd25519(privateKey, message);
const line = (time = TIME, of = text) => cosign(of, { name: NAME, publicKey, time }, sign);
const read = (signed: string, keys = [key]) => readCosignatures(nodePrimitives, signed, keys);

describe('cosignatures (C2SP tlog-cosignature)', () => {
  test('are 8 bytes of time and an Ed25519 signature over a header, the time and the whole text of the note', () => {
    const [, , encoded] = line().trimEnd().split(' ');
    const bytes = Buffer.from(encoded!, 'base64');
    expect(bytes).toHaveLength(4 + 8 + 64);
    expect(bytes.readBigUInt64BE(4)).toBe(BigInt(TIME));
    const message = Buffer.from(`cosignature/v1\ntime ${TIME}\n${text}`);
    expect(bytes.subarray(12).equals(crypto.sign(null, message, privateKey))).toBe(true);
  });

  test('the key ID is over type 0x04, and so is the verifier key line', () => {
    const digest = crypto.createHash('sha256').update(`${NAME}\n\u0004`).update(publicKey).digest();
    expect(key.keyId).toBe(digest.readUInt32BE(0));
    const material = Buffer.concat([Buffer.of(4), publicKey]).toString('base64');
    expect(formatWitnessKey(NAME, publicKey)).toBe(`${NAME}+${digest.toString('hex', 0, 4)}+${material}`);
  });

  test('the key of a log is none of a witness, nor the other way round', () => {
    expect(() => parseWitnessKey(log.verifierKey)).toThrow(/not an Ed25519 key of a witness/);
    expect(() => parseVerifierKey(formatWitnessKey(NAME, publicKey))).toThrow(/not an Ed25519 key/);
  });

  test('the example of the specification is read as what it says', () => {
    const example =
      'example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n' +
      '\u2014 witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==\n';
    const [signature] = splitNote(example).signatures;
    expect(signature).toMatchObject({ name: 'witness.example.com/w1', keyId: 0x8d66cf3f });
    expect(Buffer.from(signature!.signature).readBigUInt64BE(0)).toBe(1_679_315_147n);
  });

  test('stand beside the signature of the log, which ignores them', () => {
    expect(read(note + line())).toEqual({ cosignatures: [{ key, time: TIME, line: line() }], wrong: [] });
    expect(openNote(nodePrimitives, note + line(), [parseVerifierKey(log.verifierKey)]).verified).toEqual(['log.example/attesta']);
  });

  test('of several by one witness the newest counts, in whatever order', () => {
    expect(read(note + line(TIME + 5) + line(TIME)).cosignatures).toMatchObject([{ time: TIME + 5 }]);
    expect(read(note + line(TIME) + line(TIME + 5)).cosignatures).toMatchObject([{ time: TIME + 5 }]);
  });

  test('of unknown witnesses do not count', () => {
    expect(read(note + line(), [])).toEqual({ cosignatures: [], wrong: [] });
    expect(read(note)).toEqual({ cosignatures: [], wrong: [] });
  });

  const other = formatCheckpoint({ origin: 'log.example/attesta', size: 20_852_163, root: new Uint8Array(32).fill(8) });
  const respelled = (change: (bytes: Buffer) => Buffer) => {
    const [dash, name, encoded] = line().trimEnd().split(' ');
    return `${dash} ${name} ${change(Buffer.from(encoded!, 'base64')).toString('base64')}\n`;
  };
  test.each([
    ['over another tree', line(TIME, other)],
    ['with another time', respelled((bytes) => (bytes.writeBigUInt64BE(BigInt(TIME + 1), 4), bytes))],
    ['with a time beyond all times', respelled((bytes) => (bytes.writeBigUInt64BE(2n ** 63n, 4), bytes))],
    ['without a time', respelled((bytes) => Buffer.concat([bytes.subarray(0, 4), bytes.subarray(12)]))],
    ['with more behind it', respelled((bytes) => Buffer.concat([bytes, Buffer.of(0)]))],
  ])('%s are wrong, and named', (_, wrong) => {
    expect(read(note + wrong)).toEqual({ cosignatures: [], wrong: [key] });
  });

  test('are made of checkpoints only, at whole seconds', () => {
    expect(() => line(TIME, 'hello\n')).toThrow(NoteError);
    expect(() => line(1.5)).toThrow(/whole seconds/);
    expect(() => line(-1)).toThrow(/whole seconds/);
  });
});

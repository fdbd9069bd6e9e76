import { toBase64 } from './base64.js';
import { formatCheckpoint, parseCheckpoint } from './checkpoint.js';
import { generateLogKey, nodePrimitives, signEd25519 } from './node.js';
import { NoteError, formatVerifierKey, openNote, parseVerifierKey, signNote } from './note.js';
import { ProofFileError, formatProof, parseProof } from './proof-file.js';

const key = generateLogKey('log.example/attesta');
const other = generateLogKey('witness.example');
const known = parseVerifierKey(key.verifierKey);
const signed = (text: string, by = key, name = parseVerifierKey(by.verifierKey).name) =>
  signNote(text, name, by.publicKey, (message) => signEd25519(by.privateKeyPem, message));
const open = (note: string, keys = [known]) => openNote(nodePrimitives, note, keys);
const root = new Uint8Array(32).fill(5);

describe('signed notes (C2SP signed-note)', () => {
  test('are the text, a blank line, and an em dash line per signature', () => {
    const note = signed('hello\n');
    expect(note).toMatch(/^hello\n\n\u2014 log\.example\/attesta [A-Za-z0-9+/]+=*\n$/);
    expect(open(note)).toEqual({ text: 'hello\n', verified: ['log.example/attesta'] });
  });

  test('the key id is the first four bytes of SHA-256(name, newline, 0x01, key)', () => {
    const digest = nodePrimitives.sha256(Buffer.concat([Buffer.from('log.example/attesta\n\u0001'), key.publicKey]));
    expect(known.keyId).toBe(Buffer.from(digest).readUInt32BE(0));
    expect(key.verifierKey).toBe(
      `log.example/attesta+${Buffer.from(digest).toString('hex', 0, 4)}+${toBase64(Buffer.concat([Buffer.of(1), key.publicKey]))}`,
    );
  });

  test('signatures of unknown keys are ignored, whatever they are', () => {
    const witnessed = signed('hello\n') + signed('hello\n', other).split('\n\n')[1]! + '\u2014 quantum.example AAAAAAAAAAAA\n';
    expect(open(witnessed).verified).toEqual(['log.example/attesta']);
    expect(open(witnessed, [parseVerifierKey(other.verifierKey), known]).verified).toEqual(['log.example/attesta', 'witness.example']);
    expect(() => open(signed('hello\n', other))).toThrow(NoteError);
  });

  test('a key with the right name but another id, or the right id but another name, is unknown', () => {
    const renewed = generateLogKey('log.example/attesta');
    expect(() => open(signed('hello\n', renewed))).toThrow(/no signature of a known key/);
    expect(() => open(signed('hello\n').replace('\u2014 log.example', '\u2014 log2.example'))).toThrow(/no signature of a known key/);
  });

  test('a wrong signature of a known key spoils the note, even beside a good one', () => {
    expect(() => open(signed('hello\n').replace('hello', 'hellO'))).toThrow(/is wrong/);
    const good = signed('hello\n');
    expect(() => open(signed('x\n').replace('x\n', 'hello\n') + good.split('\n\n')[1]!)).toThrow(/is wrong/);
  });

  test.each([
    ['no blank line', 'hello\n\u2014 log.example/attesta AAAAAAAA\n'],
    ['no signature', 'hello\n\n'],
    ['no final newline', signed('hello\n').slice(0, -1)],
    ['a hyphen instead of the em dash', signed('hello\n').replace('\u2014', '-')],
    ['two spaces', signed('hello\n').replace('\u2014 ', '\u2014  ')],
    ['a carriage return', signed('hello\n').replace('\n\n', '\r\n\r\n')],
    ['a control character', signed('hello\n').replace('hello', 'hel\u0000lo')],
    ['base64 without padding', signed('hello\n').replace(/=+\n$/, '\n')],
    ['a signature too short to carry a key id', 'hello\n\n\u2014 log.example/attesta AAAA\n'],
    ['nothing', ''],
    ['far too many signatures', 'x\n\n' + '\u2014 a AAAAAAAA\n'.repeat(101)],
  ])('a note with %s is malformed', (_name, note) => {
    expect(() => open(note)).toThrow(NoteError);
  });

  test('a text without final newline, or a name with a space or plus, cannot be signed', () => {
    expect(() => signed('hello')).toThrow(NoteError);
    for (const name of ['', 'a b', 'a+b', 'a\u00a0b', 'a\nb']) expect(() => formatVerifierKey(name, key.publicKey)).toThrow(NoteError);
  });

  test.each([
    ['another hash', key.verifierKey.replace(/\+[0-9a-f]{8}\+/, '+00000000+')],
    ['another name', key.verifierKey.replace('log.', 'lag.')],
    ['another key type', 'a+00000000+' + toBase64(Uint8Array.of(2, ...key.publicKey))],
    ['no key', 'log.example'],
    ['nothing', ''],
  ])('a verifier key line with %s is refused', (_name, line) => {
    expect(() => parseVerifierKey(line)).toThrow(NoteError);
  });
});

describe('checkpoints (C2SP tlog-checkpoint)', () => {
  test('read back as written', () => {
    for (const checkpoint of [
      { origin: 'o', size: 0, root },
      { origin: 'log with spaces', size: 2 ** 53 - 1, root, extensions: ['x'] },
    ]) {
      expect(parseCheckpoint(formatCheckpoint(checkpoint))).toEqual(checkpoint);
    }
  });

  const good = ['log.example', '12', toBase64(root)];
  test.each([
    ['a leading zero in the size', [good[0], '012', good[2]]],
    ['a sign in the size', [good[0], '+12', good[2]]],
    ['a size beyond exact numbers', [good[0], '9007199254740993', good[2]]],
    ['an empty origin', ['', '12', good[2]]],
    ['an empty extension line', [...good, '', 'x']],
    ['a root of 31 bytes', [good[0], '12', toBase64(root.slice(1))]],
    ['a root in URL-safe base64', [good[0], '12', toBase64(new Uint8Array(32).fill(255)).replaceAll('/', '_')]],
    ['two lines', good.slice(0, 2)],
  ])('are refused with %s', (_name, lines) => {
    expect(() => parseCheckpoint(lines.join('\n') + '\n')).toThrow(NoteError);
  });

  test('are refused without a final newline, and cannot be written with lines they cannot have', () => {
    expect(() => parseCheckpoint(good.join('\n'))).toThrow(NoteError);
    expect(() => formatCheckpoint({ origin: 'a\nb', size: 1, root })).toThrow(NoteError);
    expect(() => formatCheckpoint({ origin: 'a', size: -1, root })).toThrow(NoteError);
    expect(() => formatCheckpoint({ origin: 'a', size: 1, root, extensions: [''] })).toThrow(NoteError);
  });
});

describe('proof files (C2SP tlog-proof)', () => {
  const checkpoint = signed(formatCheckpoint({ origin: 'log.example/attesta', size: 3, root }));
  const text = formatProof({ index: 2, proof: [root], checkpoint });

  test('read back as written, with extra data or without hashes', () => {
    expect(parseProof(text)).toEqual({ index: 2, proof: [root], checkpoint });
    const bare = { index: 0, proof: [], checkpoint, extra: Uint8Array.of(1, 2) };
    expect(formatProof(bare)).toBe(`c2sp.org/tlog-proof@v1\nextra AQI=\nindex 0\n\n${checkpoint}`);
    expect(parseProof(formatProof(bare))).toEqual(bare);
  });

  test.each([
    ['another first line', text.replace('@v1', '@v2')],
    ['no index', text.replace('index 2\n', '')],
    ['a leading zero in the index', text.replace('index 2', 'index 02')],
    ['extra data behind the index', text.replace('index 2\n', 'index 2\nextra AQI=\n')],
    ['a hash of the wrong length', text.replace(toBase64(root), 'AAAA')],
    ['carriage returns', text.replaceAll('\n', '\r\n')],
    ['no checkpoint', 'c2sp.org/tlog-proof@v1\nindex 2\n'],
    ['more hashes than a tree has levels', text.replace('index 2\n', 'index 2\n' + `${toBase64(root)}\n`.repeat(64))],
  ])('are refused with %s', (_name, bad) => {
    expect(() => parseProof(bad)).toThrow(ProofFileError);
  });
});

import { cosign, formatWitnessKey, splitNote } from '@attesta/proof';
import { generateLogKey, signEd25519 } from '@attesta/proof/node';
import { attesta, serveHttp, temporaryDirectory } from './cli-rig.js';
import { filesOf, logHandler, newKey, sampleEntries, type Files } from './served-log-rig.js';

const key = newKey();
const entries = sampleEntries(300);
const witnesses = ['w1.example', 'w2.example'].map((name) => ({ name, ...generateLogKey(name) }));
const [w1, w2] = witnesses.map(({ name, publicKey }) => formatWitnessKey(name, publicKey)) as [string, string];
const minutesAgo = (minutes: number) => Math.floor(Date.now() / 1000) - minutes * 60;

function cosigned(files: Files, times: number[], path = 'checkpoint'): Files {
  const note = Buffer.from(files.get('checkpoint')!).toString();
  const lines = times.map((time, i) => {
    const { name, publicKey, privateKeyPem } = witnesses[i]!;
    return cosign(splitNote(note).text, { name, publicKey, time }, (message) => signEd25519(privateKeyPem, message));
  });
  files.set(path, Buffer.from(note + lines.join('')));
  return files;
}

describe('attesta log verify --witness', () => {
  let files: Files;
  let server: Awaited<ReturnType<typeof serveHttp>>;
  let directory: ReturnType<typeof temporaryDirectory>;
  beforeAll(async () => {
    server = await serveHttp(logHandler(() => files));
    directory = temporaryDirectory();
  });
  afterAll(async () => {
    await server.close();
    directory.remove();
  });
  const verify = (...more: string[]) =>
    attesta(['log', 'verify', '--url', server.url, '--key', key.verifierKey, ...more], { cwd: directory.path });

  it('says who vouches for the log, since when, and how far', async () => {
    files = cosigned(filesOf(entries, key), [minutesAgo(5), minutesAgo(3)]);
    const run = await verify('--witness', w1, '--witness', w2);
    expect(run).toMatchObject({ code: 0, err: '' });
    expect(run.out).toMatch(/Witnessed 5 minutes ago \(.+Z\) by w1\.example, w2\.example\.\n/);
    expect(run.out).toContain('the word of its witnesses');
    expect((await verify('--witness', w1, '--witness', w2, '--witnesses', '1')).out).toContain('Witnessed 3 minutes ago');
    const older = cosigned(filesOf(entries.slice(0, 256), key), [minutesAgo(1)]);
    files = filesOf(entries, key).set('checkpoint/witnessed', older.get('checkpoint')!);
    const later = await verify('--witness', w1);
    expect(later).toMatchObject({ code: 0 });
    expect(later.out).toMatch(/by w1\.example, up to 256 entries; the 44 entries after that continue it\.\n/);
    expect((await verify('--witness', w1, '--json')).json()).toMatchObject({ ok: true, witnessed: { size: 256, names: ['w1.example'] } });
  });

  it('takes a policy file', async () => {
    files = cosigned(filesOf(entries, key), [minutesAgo(5)]);
    directory.file('any', `witness A ${w1}\nwitness B ${w2}\ngroup g any A B\nquorum g\n`);
    directory.file('all', `witness A ${w1}\nwitness B ${w2}\ngroup g all A B\nquorum g\n`);
    expect((await verify('--witness-policy', 'any')).code).toBe(0);
    expect((await verify('--witness-policy', 'all')).out).toContain('only w1.example signed the checkpoint of 300 entries');
  });

  it('fails loudly where too few signed, or too long ago', async () => {
    files = cosigned(filesOf(entries, key), [minutesAgo(61)]);
    const few = await verify('--witness', w1, '--witness', w2);
    expect(few.code).toBe(1);
    expect(few.out).toMatch(/NOT INTACT: 1 problem\n {2}witness +the whole log +only w1\.example signed/);
    const old = await verify('--witness', w1);
    expect(old.code).toBe(1);
    expect(old.out).toMatch(/witness +the whole log +enough witnesses signed last at .+ more than 3600 seconds ago/);
    expect((await verify('--witness', w1, '--witnessed-within', '62')).code).toBe(0);
    expect((await verify()).code).toBe(0);
  });

  it('for who never saw it, a log that was rolled back and grew again is not intact', async () => {
    const backup = cosigned(filesOf(entries.slice(0, 100), key), [minutesAgo(90)]);
    const regrown = [...entries.slice(0, 100), ...sampleEntries(300, 'b').slice(100)];
    files = filesOf(regrown, key).set('checkpoint/witnessed', backup.get('checkpoint')!);
    const run = await verify('--witness', w1, '--json');
    expect(run.code).toBe(1);
    expect(run.json()['problems']).toContainEqual(
      expect.objectContaining({ kind: 'witness', message: expect.stringContaining('on 100 entries') }),
    );
  });

  it.each<[string, string[], RegExp]>([
    ['the key of a log', ['--witness', key.verifierKey], /not an Ed25519 key of a witness/],
    ['more than there are', ['--witness', w1, '--witnesses', '2'], /2 witnesses are asked for, and 1 are known/],
    ['a number and nobody', ['--witnesses', '2'], /no --witness says who/],
    ['no number', ['--witness', w1, '--witnesses', 'two'], /whole number/],
    ['one witness as two', ['--witness', w1, '--witness', w1], /twice/],
    ['a policy and keys', ['--witness', w1, '--witness-policy', 'any'], /says all of it/],
  ])('refuses %s', async (_, options, message) => {
    files = filesOf(entries, key);
    const run = await verify(...options);
    expect(run.code).toBe(2);
    expect(run.err).toMatch(message);
  });
});

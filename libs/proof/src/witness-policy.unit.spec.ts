import { formatWitnessKey, type Cosignature } from './cosignature.js';
import { generateLogKey } from './node.js';
import { parseWitnessPolicy, witnessedTime, witnessPolicyOf, WitnessPolicyError, type WitnessPolicy } from './witness-policy.js';

const keys = ['x1', 'x2', 'x3', 'y1'].map((name) => formatWitnessKey(`${name}.example`, generateLogKey('any').publicKey));
const [x1, x2, x3, y1] = keys as [string, string, string, string];
const log = generateLogKey('log.example').verifierKey;

/** Cosignatures of the witnesses of these places in the policy, at these times. */
const by = ({ witnesses }: WitnessPolicy, times: Record<number, number>): Cosignature[] =>
  Object.entries(times).map(([i, time]) => ({ key: witnesses[Number(i)]!.key, time, line: '' }));

const FILE = `# who vouches
log ${log} https://log.example/

witness X1 ${x1} https://x1.example/prefix/
witness\tX2  ${x2}
 witness X3 ${x3}
group X 2 X1 X2 X3
witness Y1 ${y1} http://localhost:4010
group both all X Y1
quorum both
`;

describe('a policy file (C2SP tlog-policy)', () => {
  const policy = parseWitnessPolicy(FILE);

  test('names witnesses with their keys and where they are', () => {
    expect(policy.witnesses).toMatchObject([
      { name: 'X1', key: { name: 'x1.example' }, url: 'https://x1.example/prefix' },
      { name: 'X2' },
      { name: 'X3' },
      { name: 'Y1', url: 'http://localhost:4010' },
    ]);
  });

  test.each<[string, Record<number, number>, number | undefined]>([
    ['nobody', {}, undefined],
    ['one of two groups', { 0: 10, 1: 20 }, undefined],
    ['too few of a group', { 0: 10, 3: 20 }, undefined],
    ['just enough, as of the oldest of them', { 0: 10, 1: 20, 3: 30 }, 10],
    ['more than enough, as of the newest that are enough', { 0: 10, 1: 20, 2: 25, 3: 30 }, 20],
  ])('signed by %s', (_, times, since) => {
    expect(witnessedTime(policy, by(policy, times))).toBe(since);
  });

  test('may ask for one witness, for any, or for none', () => {
    const one = parseWitnessPolicy(`witness A ${x1}\nwitness B ${x2}\nquorum B\n`);
    expect(witnessedTime(one, by(one, { 0: 5 }))).toBeUndefined();
    expect(witnessedTime(one, by(one, { 1: 5 }))).toBe(5);
    const any = parseWitnessPolicy(`witness A ${x1}\nwitness B ${x2}\ngroup g any A B\nquorum g\n`);
    expect(witnessedTime(any, by(any, { 0: 5 }))).toBe(5);
    expect(witnessedTime(parseWitnessPolicy('quorum none\n'), [])).toBe(0);
  });

  test.each([
    ['no quorum', `witness A ${x1}\n`, /no quorum/],
    ['two quorums', `witness A ${x1}\nquorum A\nquorum A\n`, /line 3/],
    ['a name that comes later', `quorum A\nwitness A ${x1}\n`, /line 1: A is not defined/],
    ['a name twice', `witness A ${x1}\nwitness A ${x2}\nquorum A\n`, /line 2: a name is given once/],
    ['a witness called none', `witness none ${x1}\nquorum none\n`, /none is taken/],
    ['a key twice', `witness A ${x1}\nwitness B ${x1}\nquorum A\n`, /line 2: the key of x1.example is there twice/],
    ['the key of a log', `witness A ${log}\nquorum A\n`, /not an Ed25519 key of a witness/],
    ['more than the members', `witness A ${x1}\ngroup g 2 A\nquorum g\n`, /line 2: a group has/],
    ['fewer than one', `witness A ${x1}\ngroup g 0 A\nquorum g\n`, /line 2: a group has/],
    ['a group of nobody', `group g any\nquorum g\n`, /line 1: a group has/],
    ['a member twice', `witness A ${x1}\nwitness B ${x2}\ngroup g any A\ngroup h all A B\nquorum h\n`, /line 4: A is a member already/],
    ['another word', `witness A ${x1}\nquorums A\n`, /line 2: a line is/],
    ['a URL that is none', `witness A ${x1} ftp://a\nquorum A\n`, /line 1: the URL/],
  ])('with %s is refused', (_, text, message) => {
    expect(() => parseWitnessPolicy(text)).toThrow(WitnessPolicyError);
    expect(() => parseWitnessPolicy(text)).toThrow(message);
  });
});

describe('so many of some keys', () => {
  test('is what it says', () => {
    const policy = witnessPolicyOf([x1, x2, x3], 2);
    expect(witnessedTime(policy, by(policy, { 0: 5 }))).toBeUndefined();
    expect(witnessedTime(policy, by(policy, { 0: 5, 2: 7 }))).toBe(5);
  });

  test('one key is no two witnesses, and more than all cannot be asked for', () => {
    expect(() => witnessPolicyOf([x1, x1], 2)).toThrow(/twice/);
    const renamed = formatWitnessKey('other.example', witnessPolicyOf([x1], 1).witnesses[0]!.key.publicKey);
    expect(() => witnessPolicyOf([x1, renamed], 2)).toThrow(/twice/);
    expect(() => witnessPolicyOf([x1], 2)).toThrow(/2 witnesses are asked for, and 1 are known/);
    expect(() => witnessPolicyOf([x1], 0)).toThrow(WitnessPolicyError);
  });
});

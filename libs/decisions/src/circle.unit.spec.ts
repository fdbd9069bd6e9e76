import type { Fact } from './fact.js';
import { factsOf, on, policy } from './facts-rig.js';
import { recordOf } from './record.js';
import { standingOf } from './status.js';

const ann = factsOf('account|ann');
const ben = factsOf('account|ben');
const phone = factsOf('device|phone');

const stands = (subject: string, facts: readonly Fact[], at = on('2025-01-01')) =>
  standingOf(recordOf(subject, facts, policy, { at, known: Infinity }), { purpose: 'personalisation', at }).status;

describe('what a device was told, once its user logs in', () => {
  const yes = phone.gave('2023-01-01', 'personalisation');
  const no = phone.refused('2023-01-01', 'personalisation');
  const login = ann.tied('2023-02-01', 'device|phone');

  test.each<[string, Fact[], string]>([
    ['counts for nobody before', [yes], 'none'],
    ['counts for the account: a yes', [yes, login], 'given'],
    ['counts for the account: a no', [no, login], 'refused'],
    ['ends with its no what the person had agreed to before', [ann.gave('2022-12-01', 'personalisation'), no, login], 'refused'],
    ['yields to what the person said later', [no, login, ann.gave('2023-03-01', 'personalisation')], 'given'],
    [
      'does not outweigh with its yes the person’s own no, given before',
      [ann.refused('2022-12-01', 'personalisation'), yes, login],
      'refused',
    ],
    [
      'does not outweigh with its yes the person’s own no, given later',
      [yes, login, ann.withdrew('2023-03-01', 'personalisation')],
      'withdrawn',
    ],
    ['counts while it is tied', [login, phone.gave('2023-03-01', 'personalisation')], 'given'],
  ])('%s', (_, facts, status) => {
    expect(stands('account|ann', facts)).toBe(status);
  });

  it('is known to come from the device', () => {
    const { choices } = recordOf('account|ann', [yes, login], policy, { at: on('2025-01-01'), known: Infinity });
    expect(choices).toMatchObject([{ through: 'device|phone', status: 'given' }]);
  });

  it('is judged by the age of the person it counts for', () => {
    expect(stands('account|ann', [yes, login, ann.born('2023-02-01', '2010-01-01')])).toBe('invalidated');
  });

  it('counts as of when the login was', () => {
    expect(stands('account|ann', [yes, login], on('2023-01-31'))).toBe('none');
  });
});

describe('a device that is untied', () => {
  const login = ann.tied('2023-02-01', 'device|phone');
  const logout = ann.untied('2023-03-01', 'device|phone');

  it('leaves the account what was chosen before', () => {
    expect(stands('account|ann', [login, phone.gave('2023-02-15', 'personalisation'), logout])).toBe('given');
  });

  it('brings the account nothing more, from that instant on', () => {
    expect(stands('account|ann', [login, logout, phone.gave('2023-03-01', 'personalisation')])).toBe('none');
  });

  it('brings back nothing of the time in between when it is tied again', () => {
    const again = ann.tied('2023-05-01', 'device|phone');
    expect(stands('account|ann', [login, logout, phone.gave('2023-04-01', 'personalisation'), again])).toBe('none');
    expect(stands('account|ann', [login, logout, again, phone.gave('2023-05-01', 'personalisation')])).toBe('given');
  });
});

describe('a device that two people share', () => {
  const annIn = ann.tied('2023-02-01', 'device|phone');
  const annOut = ann.untied('2023-03-01', 'device|phone');
  const benIn = ben.tied('2023-05-01', 'device|phone');

  it('does not bring the second what the first chose', () => {
    const facts = [annIn, phone.gave('2023-02-15', 'personalisation'), annOut, benIn];
    expect(stands('account|ann', facts)).toBe('given');
    expect(stands('account|ben', facts)).toBe('none');
  });

  it('brings the second what was chosen after the first had left', () => {
    expect(stands('account|ben', [annIn, annOut, phone.gave('2023-04-01', 'personalisation'), benIn])).toBe('given');
  });

  it('does not bring the first what the second chose, though the first never logged out', () => {
    const facts = [annIn, benIn, phone.gave('2023-06-01', 'personalisation')];
    expect(stands('account|ann', facts)).toBe('none');
    expect(stands('account|ben', facts)).toBe('given');
  });

  it('is the first one’s again at the next login', () => {
    const back = ann.tied('2023-07-01', 'device|phone');
    expect(stands('account|ann', [annIn, benIn, phone.refused('2023-06-01', 'personalisation'), back])).toBe('none');
    expect(stands('account|ann', [annIn, benIn, back, phone.refused('2023-07-01', 'personalisation')])).toBe('refused');
  });

  it('stays the second one’s when the first is untied late', () => {
    const facts = [annIn, benIn, ann.untied('2023-06-01', 'device|phone'), phone.gave('2023-07-01', 'personalisation')];
    expect(stands('account|ben', facts)).toBe('given');
  });
});

describe('a question about a device', () => {
  it('is answered by what its person chose', () => {
    const facts = [ann.withdrew('2023-01-01', 'personalisation'), ann.tied('2023-02-01', 'device|phone')];
    expect(stands('device|phone', facts)).toBe('withdrawn');
  });

  it('is answered by the person of now', () => {
    const facts = [
      ann.gave('2023-01-01', 'personalisation'),
      ann.tied('2023-02-01', 'device|phone'),
      ben.tied('2023-03-01', 'device|phone'),
    ];
    expect(stands('device|phone', facts)).toBe('none');
  });

  it('is answered by the device alone once it is untied', () => {
    const facts = [
      ann.gave('2023-01-01', 'personalisation'),
      ann.tied('2023-02-01', 'device|phone'),
      ann.untied('2023-03-01', 'device|phone'),
    ];
    expect(stands('device|phone', facts)).toBe('none');
  });
});

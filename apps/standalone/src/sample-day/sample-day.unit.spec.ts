import fs from 'node:fs';
import { isThaiNationalId, parseEvent, type CloudEvent } from '@attesta/events';
import { checkEvent, type Policy } from '@attesta/policy';
import { readPolicy } from '@attesta/service-kit';
import { AttestaClient } from '@attesta/sdk';
import { Day, sourceOf } from './day.js';
import { mistakes } from './mistakes.js';
import { NOTICE } from './notice.js';
import { PEOPLE } from './people.js';
import { lastFullDay, scenes } from './play.js';

const POLICY_FILE = new URL('../../../../policies/m-med.yaml', import.meta.url).pathname;
/** These two are seen by the ledger alone: it knows what was sealed, and whose token it was. */
const LEDGER_ONLY = new Set(['id-conflict', 'source-not-allowed', 'personal-value-in-clear']);

describe('the sample day', () => {
  const policy: Policy = readPolicy(POLICY_FILE);
  const now = new Date('2026-11-22T00:00:00Z');
  const play = (date: string): CloudEvent[] => {
    const day = new Day(date);
    let position = 0;
    return scenes.flatMap((scene) => {
      const client = new AttestaClient({ source: sourceOf(scene.service), transport: { publish: () => Promise.resolve([]) } });
      const events = scene.events(day).map((draft) => client.event(draft));
      for (const { id } of events) day.sealed(id, position++);
      return events;
    });
  };

  it('holds events that the notice allows, some hundreds of them', () => {
    const events = play('2026-11-20');
    const wrong = events.flatMap((event) => {
      const parsed = parseEvent(event, { now });
      const problems = parsed.ok ? checkEvent(policy, parsed.event) : parsed.problems;
      return problems.map(({ field, code }) => `${event.type} ${event.time} ${field} ${code}`);
    });
    expect(wrong).toEqual([]);
    expect(events.length).toBeGreaterThan(300);
  });

  it('gives every event an id of its own, the same each time it is played', () => {
    const ids = play('2026-11-20').map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(play('2026-11-20').map(({ id }) => id)).toEqual(ids);
    expect(play('2026-11-19').some(({ id }) => ids.includes(id))).toBe(false);
  });

  it('collects by every occasion of clause 2 and every method of collecting that the notice has', () => {
    const data = play('2026-11-20').map((event) => event.data);
    const occasions = new Set(data.map(({ occasion }) => occasion));
    const methods = new Set(data.map(({ method }) => method));
    expect([...policy.occasions.keys()].filter((id) => !occasions.has(id))).toEqual([]);
    const notCollecting = ['derived', 'unsubscribe-link'];
    expect([...policy.methods.keys()].filter((id) => !methods.has(id) && !notCollecting.includes(id))).toEqual([]);
  });

  it('makes a dozen mistakes and more, each for a reason of its own', () => {
    const wrong = mistakes(new Day('2026-11-20'));
    expect(new Set(wrong.map(({ code }) => code)).size).toBe(wrong.length);
    expect(wrong.length).toBeGreaterThanOrEqual(12);
    for (const { event, code } of wrong.filter((mistake) => !LEDGER_ONLY.has(mistake.code))) {
      const parsed = parseEvent(event, { now });
      const problems = parsed.ok ? checkEvent(policy, parsed.event) : parsed.problems;
      expect(problems.map((problem) => problem.code)).toContain(code);
    }
  });

  it('shows the notice that the policy has registered', () => {
    expect(policy.notices.get(NOTICE.version)?.[0]?.sha256).toBe(NOTICE.sha256);
    expect(fs.existsSync(POLICY_FILE)).toBe(true);
  });

  it('has people with Thai national ids whose check digit is right, none of them twice', () => {
    expect(PEOPLE.filter(({ nationalId }) => !isThaiNationalId(nationalId))).toEqual([]);
    for (const key of ['account', 'nationalId', 'phone', 'email'] as const)
      expect(new Set(PEOPLE.map((one) => one[key])).size).toBe(PEOPLE.length);
  });

  it('is yesterday in Bangkok unless told otherwise', () => {
    expect(lastFullDay(new Date('2026-11-22T16:59:00Z'))).toBe('2026-11-21');
    expect(lastFullDay(new Date('2026-11-22T17:01:00Z'))).toBe('2026-11-22');
  });
});

import { openSystem, startFresh } from './open-system.js';
import { playClauses, type ClauseReport, type ClauseResult } from './play-clauses.js';
import { CLAUSES, type ClauseRow, type Owner } from './rows.js';
import type { System } from './system.js';

const MINUTES = 60_000;

describe('the notice, clause by clause, against a fresh system', () => {
  let system: System;
  let report: ClauseReport;
  const reasons: string[] = [];

  beforeAll(async () => {
    system = await openSystem('http', await startFresh('http'));
    report = await playClauses(system, ({ clause }, why) => why && reasons.push(`${clause}: ${why}`));
  }, 4 * MINUTES);
  afterAll(() => system.stop());

  const ofStatus = (status: ClauseResult['status']) => report.rows.filter((row) => row.status === status);

  it('plays every row of the services there are, and none fails', () => {
    expect(reasons).toEqual([]);
    const there: Owner[] = ['LED', 'CON', 'REQ', 'RET', 'NOT'];
    expect(ofStatus('pass').map(({ clause }) => clause)).toEqual(
      CLAUSES.filter(({ owner }) => there.includes(owner)).map(({ clause }) => clause),
    );
  });

  it('shows sealed positions for every row that passes', () => {
    expect(ofStatus('pass').filter(({ positions }) => positions.length === 0)).toEqual([]);
  });

  it('lists what waits for another service as pending', () => {
    expect(ofStatus('pending').map(({ owner }) => owner)).not.toContain('LED');
    expect(report.rows.length).toBe(CLAUSES.length);
  });

  const alone = (clause: string): ClauseRow[] => CLAUSES.filter((row) => row.clause === clause);
  const played = async (clause: string, change: Partial<System>): Promise<string | undefined> => {
    const altered: System = {
      transport: system.transport,
      publish: (events) => system.publish(events),
      http: (...request) => system.http(...request),
      dumps: () => system.dumps(),
      whileDown: (work) => system.whileDown(work),
      form: (path, form) => system.form(path, form),
      mailsTo: (address) => system.mailsTo(address),
      stop: () => Promise.resolve(),
      ...change,
    };
    return (await playClauses(altered, undefined, alone(clause))).rows[0]?.status;
  };

  it('fails a system that keeps an id number in clear', async () => {
    let sent = '';
    const leaking: Partial<System> = {
      publish: (events) => {
        sent += JSON.stringify(events);
        return system.publish(events);
      },
      async *dumps() {
        yield* system.dumps();
        yield { where: 'debug.log', text: sent };
      },
    };
    expect(await played('1.1', leaking)).toBe('fail');
  });

  it('fails a system whose dumps are empty', async () => {
    expect(await played('1.1', { async *dumps() {} })).toBe('fail');
  });

  it('fails a system that lets everybody look', async () => {
    const open: Partial<System> = { http: (role, ...request) => system.http(role === 'operator' ? 'auditor' : role, ...request) };
    expect(await played('6.3', open)).toBe('fail');
  });

  it('fails a system that seals everything', async () => {
    expect(await played('4.8', { publish: (events) => Promise.resolve(events.map((_, i) => ({ position: i }))) })).toBe('fail');
  });
});

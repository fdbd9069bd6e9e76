import { execFile, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { WRAPPED_COLUMNS } from '@attesta/cli';
import { AttestaClient } from '@attesta/sdk';
import { KilledSystem } from './killed-system-rig.js';

const ATTESTA = fileURLToPath(new URL('../../cli/bin/attesta.mjs', import.meta.url));
const SERVICES = ['ledger', 'consent', 'requests', 'notification'];
const MANY = 30_000;

interface Kek {
  service: string;
  kek: string;
  current: boolean;
  rows: number;
}

describe('rotation of key-encryption keys beside a running system', () => {
  let system: KilledSystem;
  let position: number;
  const client = new AttestaClient({ source: '//rotated.example', transport: { publish: () => Promise.resolve([]) } });

  beforeAll(async () => {
    system = await KilledSystem.start();
    position = await publish('account|before');
    await system.ask('publisher', 'POST', '/v1/ages', { subject: 'account|before', birthDate: '1990-01-01', method: 'document' });
    // So many that a rotation can be killed in its middle.
    await system.database('attesta_vault', (db) =>
      db.query(
        `with k as (select kek, wrapped from data_key limit 1),
              s as (insert into subject (id) select gen_random_uuid() from generate_series(1, ${MANY}) returning id)
         insert into data_key (subject, class, version, kek, wrapped) select s.id, 'identity', 1, k.kek, k.wrapped from s, k`,
      ),
    );
  }, 240_000);
  afterAll(() => system.stop(), 60_000);

  const run = async (...args: string[]) => {
    const { stdout } = await promisify(execFile)(process.execPath, [ATTESTA, 'keys', ...args, '--home', system.home, '--json'], {
      env: { PATH: process.env['PATH'] },
    });
    return JSON.parse(stdout) as {
      rotations: { service: string; current: string; made: boolean; rewrapped: number; left: object }[];
      keks: Kek[];
    };
  };
  const publish = async (subject: string): Promise<number> => {
    const event = client.event({
      type: 'attesta.collection.recorded.v1',
      subject,
      time: new Date().toISOString(),
      data: {
        categories: ['contact'],
        purposes: ['service-fulfilment'],
        basis: 'contract',
        occasion: 'registration',
        method: 'online-form',
        channel: 'web',
        origin: 'subject',
        noticeVersion: '2022-08-10',
        personal: { contact: { city: 'Nan' } },
      },
    });
    const { body } = await system.ask<{ position: number }>('publisher', 'POST', '/v1/events', event, {
      'content-type': 'application/cloudevents+json',
    });
    return body.position;
  };
  const opened = async (at: number) =>
    (await system.ask<{ parts: { status: string }[] }>('dpo', 'POST', `/v1/entries/${at}/open`, { reason: 'case 7' })).body.parts[0]!
      .status;
  const onNew = () =>
    system.database('attesta_vault', async (db) => {
      const { rows } = await db.query<{ n: number }>(`select count(*)::int as n from data_key where kek = 'kek-2'`);
      return rows[0]!.n;
    });

  it('every column that holds what a key wrapped is known to the rotation', async () => {
    for (const [service, columns] of Object.entries(WRAPPED_COLUMNS)) {
      const { rows } = await system.database(service === 'ledger' ? 'attesta_vault' : `attesta_${service}`, (db) =>
        db.query<{ name: string }>(
          `select table_name || '.' || column_name as name from information_schema.columns
            where table_schema = 'public' and column_name ~ '(^|_)kek$' order by 1`,
        ),
      );
      expect(rows.map(({ name }) => name)).toEqual(columns.map(({ table, kek }) => `${table}.${kek}`).sort());
    }
  });

  it('killed in its middle, leaves a system that works; run again, it ends', async () => {
    const child = spawn(process.execPath, [ATTESTA, 'keys', 'rotate', 'kek', '--home', system.home], { stdio: 'ignore' });
    const ended = new Promise((resolve) => child.once('exit', (_, signal) => resolve(signal)));
    await system.eventually('some are rewrapped', async () => ((await onNew()) > 1_000 ? true : undefined));
    child.kill('SIGKILL');
    expect(await ended).toBe('SIGKILL');
    expect(await onNew()).toBeLessThan(MANY);
    expect(await opened(position)).toBe('open');
    expect(await opened(await publish('account|between'))).toBe('open');

    const { rotations } = await run('rotate', 'kek');
    expect(rotations.map(({ service, current, left }) => ({ service, current, left }))).toEqual(
      SERVICES.map((service) => ({ service, current: 'kek-2', left: {} })),
    );
    expect(await opened(position)).toBe('open');
  }, 120_000);

  it('run once more, changes nothing', async () => {
    const { rotations } = await run('rotate', 'kek');
    expect(rotations).toEqual(SERVICES.map((service) => ({ service, current: 'kek-2', made: false, rewrapped: 0, left: {} })));
  }, 60_000);

  it('an old key is destroyed once nothing hangs on it and no backup needs it, and everything opens without it, also after a restart', async () => {
    await expect(run('destroy', 'kek-1', '--service', 'ledger')).rejects.toThrow(/may need kek-1 until/);
    await expect(run('destroy', 'kek-2', '--service', 'ledger', '--backups-are-gone')).rejects.toThrow(/is the current key/);
    await system.database('attesta_vault', (db) =>
      db.query(`update data_key set kek = 'kek-1' where ctid = (select ctid from data_key limit 1)`),
    );
    await expect(run('destroy', 'kek-1', '--service', 'ledger')).rejects.toThrow(/1 row of ledger still hang on kek-1/);
    await system.database('attesta_vault', (db) => db.query(`update data_key set kek = 'kek-2' where kek = 'kek-1'`));
    await run('destroy', 'kek-1', '--service', 'ledger', '--backups-kept-for', 'PT0S');
    const { keks } = await run('status');
    expect(keks.filter(({ service }) => service === 'ledger').map(({ kek }) => kek)).toEqual(['kek-2']);
    await system.kill();
    await system.up();
    expect(await opened(position)).toBe('open');
  }, 120_000);

  const verify = async () => {
    const log = [
      ATTESTA,
      'log',
      'verify',
      '--url',
      system.url,
      '--role',
      'auditor',
      '--home',
      system.home,
      '--state',
      `${system.home}/log.state`,
    ];
    const { stdout } = await promisify(execFile)(process.execPath, [...log, '--json'], { env: { PATH: process.env['PATH'] } });
    return JSON.parse(stdout) as { ok: boolean };
  };
  const key = async () => (await system.ask('auditor', 'GET', '/log/key')).bytes.toString().trim();
  const signatures = async () =>
    (await system.ask('auditor', 'GET', '/log/checkpoint')).bytes.toString().split('\n\n')[1]!.trim().split('\n').length;
  const signedBy = (n: number) =>
    system.eventually(`a checkpoint signed by ${n}`, async () => ((await signatures()) === n ? true : undefined));

  it('the checkpoint key changes while everybody goes on: both sign, then the new one alone, and a visitor with the old is led to it', async () => {
    const old = await key();
    expect(await verify()).toMatchObject({ ok: true });
    await run('rotate', 'checkpoint');
    await run('rotate', 'checkpoint'); // run twice, it is one rotation
    await publish('account|both');
    await signedBy(2);
    expect(await key()).toBe(old);
    expect(await verify()).toMatchObject({ ok: true });
    await expect(run('retire', 'checkpoint')).rejects.toThrow(/verifiers have until/);
    await run('retire', 'checkpoint', '--overlap', 'PT0S');
    await expect(run('retire', 'checkpoint', '--overlap', 'PT0S')).rejects.toThrow(/no rotation of the checkpoint key is under way/);
    await publish('account|new');
    await signedBy(1);
    expect(await key()).not.toBe(old);
    expect(await verify()).toMatchObject({ ok: true });
    const looked = await system.ask<{ problems: unknown[] }>('auditor', 'GET', '/v1/integrity');
    expect(looked.body.problems).toEqual([]);
    await system.kill();
    await system.up();
    expect(await verify()).toMatchObject({ ok: true });
  }, 180_000);

  it('the intake key changes: the new one is announced at once, the old one goes when nothing can need it', async () => {
    const announced = async () => (await system.ask<{ kid: string }>('publisher', 'GET', '/v1/intake-key')).body.kid;
    const old = await announced();
    await run('rotate', 'intake');
    const fresh = await announced();
    expect(fresh).not.toBe(old);
    await run('rotate', 'intake');
    expect(await announced()).toBe(fresh);
    await expect(run('retire', 'intake')).rejects.toThrow(/may be on their way until/);
    expect(await run('retire', 'intake', '--overlap', 'PT0S')).toEqual({ retired: [old] });
  }, 120_000);
});

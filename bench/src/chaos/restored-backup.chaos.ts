import { LogReader, verifyLog, type LogState } from '@attesta/proof';
import { httpLog, nodePrimitives } from '@attesta/proof/node';
import { Backups } from '@attesta/standalone/backups';
import { KilledSystem } from '@attesta/standalone/killed-system';
import { number } from '../bench.js';
import type { Chaos, Outcome, Round } from './round.js';

const ERASURES = 'people erased';
const RESTORES = 'older backups restored after that';

const SERVICES = ['vault', 'audit', 'consent', 'requests', 'retention', 'notification'];
const REASON = 'case 7';
const DAY_MS = 86_400_000;
const BACKUP = 'yesterday';
/** Registers of one person, as an auditor asks for them. */
const REGISTERS = ['timeline', 'collections', 'disclosures', 'data-map', 'holdings', 'consents'];

interface Person {
  account: string;
  /** What is known of them, and nobody else. */
  value: string;
  position: number;
  id: string;
}

/** Yesterday's backup comes back, and the people who were erased today stay forgotten. */
export const restoredBackup: Round = {
  name: 'restored-backup',
  faults: { [ERASURES]: 24, [RESTORES]: 6 },
  async run(chaos) {
    const system = await KilledSystem.start();
    chaos.cleanup.defer(() => system.stop());
    return new Restored(chaos, system).run();
  },
};

class Restored {
  private readonly problems: string[] = [];
  private state: LogState | undefined;

  constructor(
    private readonly chaos: Chaos,
    private readonly system: KilledSystem,
  ) {}

  async run(): Promise<Outcome> {
    const { chaos, system } = this;
    const people = await this.publish(chaos.wanted(ERASURES) + 4);
    const [kept, erased] = [people.slice(0, 4), people.slice(4)];
    for (const person of people) await this.known(person);
    await system.kill();
    await (await this.backups()).take([...SERVICES, 'ledger']);
    await system.up();
    await this.erase(erased);
    await this.verify('before any restore');
    const restores = this.restores();
    for (const databases of restores) {
      await system.kill();
      await (await this.backups()).restore(databases);
      await system.up();
      const what = `the backup of ${databases.join(', ')} restored`;
      // With the ledger's own database the log is yesterday's too; who was here before is to notice that.
      if (databases.includes('ledger')) this.state = undefined;
      for (const person of erased) await this.forgotten(person, what);
      for (const person of kept)
        if ((await this.statusOf(person)) !== 'open') this.problems.push(`${what}: values of somebody who was not erased are gone`);
      await this.verify(what);
    }
    return {
      faults: { [ERASURES]: erased.length, [RESTORES]: restores.length },
      acknowledged: people.length,
      lost: 0,
      duplicated: 0,
      problems: this.problems,
      notes: [
        `after each restore ${number(erased.length)} people were looked up, their values opened and ${REGISTERS.length} registers of theirs read`,
      ],
    };
  }

  /** The vault alone, all but the log, drawn ones that the vault is among, and in the end every database there is. */
  private restores(): string[][] {
    const { chaos } = this;
    const wanted = chaos.wanted(RESTORES);
    const drawn = () => ['vault', ...SERVICES.slice(1).filter(() => chaos.random() < 0.5)];
    const all = [SERVICES, ['vault'], ...Array.from({ length: Math.max(0, wanted - 3) }, drawn)].slice(0, Math.max(1, wanted - 1));
    return wanted > 1 ? [...all, [...SERVICES, 'ledger']] : all;
  }

  private async backups(): Promise<Backups> {
    return new Backups(await this.system.adminUrl(), BACKUP);
  }

  private async publish(count: number): Promise<Person[]> {
    const named = Array.from({ length: count }, (_, i) => ({
      account: `account|restored-${i}`,
      value: `planted-${i}-${this.chaos.between(1e8, 1e9)}`,
    }));
    const time = new Date(Date.now() - 400 * DAY_MS).toISOString();
    const events = named.map(({ account, value }, i) => ({
      ...{ specversion: '1.0', id: `r-${i}`, source: '//restored.example', type: 'attesta.collection.recorded.v1', time, subject: account },
      data: {
        ...{
          categories: ['preferences'],
          purposes: ['support-and-maintenance'],
          basis: 'contract',
          occasion: 'service-access',
          method: 'online-form',
        },
        ...{ channel: 'web', origin: 'subject', noticeVersion: '2022-08-10', personal: { preferences: { note: value } } },
      },
    }));
    const headers = { 'content-type': 'application/cloudevents-batch+json' };
    const { body } = await this.system.ask<{ receipts: { position: number }[] }>('publisher', 'POST', '/v1/events', events, headers);
    return Promise.all(
      named.map(async (person, i) => {
        const { body: found } = await this.lookUp(person.account);
        return { ...person, position: body.receipts[i]!.position, id: found.subject };
      }),
    );
  }

  private lookUp(account: string) {
    return this.system.ask<{ subject: string }>('auditor', 'POST', '/v1/subjects/lookup', { subject: account, reason: REASON });
  }

  /** In the inventory, and open: else nothing would have been forgotten. */
  private async known(person: Person): Promise<void> {
    await this.system.eventually('the inventory', async () => ((await this.holdings(person)).length > 0 ? true : undefined));
    if ((await this.statusOf(person)) !== 'open') throw new Error('values cannot be opened before anything was erased');
  }

  private async erase(people: readonly Person[]): Promise<void> {
    const { system } = this;
    const requests = await Promise.all(
      people.map(async ({ account }) => {
        const asked = { subject: account, right: 'erasure', channel: 'in-person', identity: { evidence: { kind: 'passport' } } };
        return (await system.ask<{ request: string }>('dpo', 'POST', '/v1/requests', asked)).body.request;
      }),
    );
    for (const request of requests) {
      await system.eventually('accepted', async () => {
        const { status } = await system.ask('dpo', 'POST', `/v1/requests/${request}/accept`, {});
        return status === 200 || undefined;
      });
    }
    for (const [i, person] of people.entries()) {
      await system.eventually('destroyed', async () => ((await this.statusOf(person)) === 'destroyed' ? true : undefined), 120);
      await system.eventually(
        'fulfilled',
        async () => {
          const { body } = await system.ask<{ status: string }>('auditor', 'GET', `/v1/requests/${requests[i]}`);
          return body.status === 'fulfilled' || undefined;
        },
        120,
      );
    }
  }

  /** From the first moment that the system answers; only what follows the log has a moment to catch up. */
  private async forgotten(person: Person, what: string): Promise<void> {
    const { system, problems } = this;
    const { status } = await this.lookUp(person.account);
    if (status !== 404) problems.push(`${what}: somebody who was erased is found again (${status})`);
    const open = await this.statusOf(person);
    if (open !== 'destroyed') problems.push(`${what}: values of somebody who was erased are ${open}`);
    const { rows } = await system.database('attesta_vault', (db) =>
      db.query<{ n: number }>('select count(*)::int as n from data_key where subject = $1 and wrapped is not null', [person.id]),
    );
    if (rows[0]!.n > 0) problems.push(`${what}: ${rows[0]!.n} keys of somebody who was erased are there again`);
    const secrets = await system.database('attesta_requests', (db) =>
      db.query<{ n: number }>('select count(*)::int as n from request where subject = $1 and box is not null', [person.id]),
    );
    if (secrets.rows[0]!.n > 0) problems.push(`${what}: what somebody wrote who was erased is there again`);
    await system
      .eventually('the inventory', async () => ((await this.holdings(person)).length === 0 ? true : undefined))
      .catch(() => problems.push(`${what}: the inventory still has something of somebody who was erased`));
    for (const register of REGISTERS) {
      const { bytes } = await system.ask('auditor', 'GET', `/v1/subjects/${person.id}/${register}?reason=case-7`);
      if (bytes.includes(person.value) || bytes.includes(person.account)) problems.push(`${what}: the ${register} shows who was erased`);
    }
  }

  private async statusOf({ position }: Person): Promise<string> {
    const { body } = await this.system.ask<{ parts?: { status: string }[] }>('dpo', 'POST', `/v1/entries/${position}/open`, {
      reason: REASON,
    });
    return (body.parts ?? []).map(({ status }) => status).join() || 'without an answer';
  }

  private async holdings({ id }: Person): Promise<unknown[]> {
    const { body } = await this.system.ask<{ data?: unknown[] }>('auditor', 'GET', `/v1/subjects/${id}/holdings?reason=case-7`);
    return body.data ?? ['no answer'];
  }

  /** The whole log, and that it continues what was seen. */
  private async verify(what: string): Promise<void> {
    const { url } = this.system;
    const headers = { authorization: await this.system.bearer('auditor') };
    const key = (await (await fetch(`${url}/log/key`)).text()).trim();
    const report = await verifyLog(nodePrimitives, new LogReader(nodePrimitives, httpLog(`${url}/log/`, { headers })), {
      key,
      ...(this.state && { state: this.state }),
    });
    this.problems.push(...report.problems.map(({ message }) => `${what}: ${message}`));
    this.state = report.state ?? this.state;
  }
}

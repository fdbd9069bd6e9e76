import { AttackedLog } from '@attesta/standalone/attacked-log';
import { number } from '../bench.js';
import { listed, spread, type Named } from './attacks/naming.js';
import type { Chaos, Outcome, Round } from './round.js';

const EDITS = 'single-byte edits of entries';
const SWAPS = 'rows swapped';
const DELETIONS = 'rows deleted';
const TRUNCATIONS = 'logs cut off';
const ROLLBACKS = 'rollbacks to an older backup';
const FORKS = 'forks of an older backup, signed with the real key';
const CLOCKS = 'wrong clocks';

const STATE = 'log.state';
const BACKUPS = 5;
/** Attacks judged in one visit, where they can be told from one another. */
const AT_ONCE = { [EDITS]: 20, [SWAPS]: 10, [DELETIONS]: 10 };

/** Somebody with all rights in PostgreSQL, and the log's key: whatever they do, `attesta log verify` names it and its place. */
export const attacks: Round = {
  name: 'attacks',
  faults: { [EDITS]: 200, [SWAPS]: 50, [DELETIONS]: 50, [TRUNCATIONS]: 20, [ROLLBACKS]: 10, [FORKS]: 10, [CLOCKS]: 6 },
  async run(chaos) {
    const log = await AttackedLog.start();
    chaos.cleanup.defer(() => log.stop());
    return new Attacks(chaos, log).run();
  },
};

class Attacks {
  private readonly faults: Record<string, number> = {};
  private readonly problems: string[] = [];
  private size = 0;
  /** Sizes of the backups. */
  private readonly backups: number[] = [];

  constructor(
    private readonly chaos: Chaos,
    private readonly log: AttackedLog,
  ) {}

  async run(): Promise<Outcome> {
    const { chaos, log } = this;
    for (let i = 0; i < BACKUPS; i++) {
      this.size = await log.seal(chaos.between(30, 90), `honest-${i}`);
      this.backups.push(this.size);
      await log.backUp(`backup_${i}`);
    }
    this.size = await log.seal(chaos.between(30, 90), 'newest');
    await log.backUp('honest');
    await this.visit('a log that nobody touched', []);
    await this.edits();
    await this.swaps();
    await this.deletions();
    await this.truncations();
    await this.olderBackups();
    await this.wrongClocks();
    await this.visit('the log put back as it was', []);
    return {
      faults: this.faults,
      acknowledged: this.size,
      lost: 0,
      duplicated: 0,
      problems: this.problems,
      notes: [
        `each found by attesta log verify in a log of ${number(this.size)} entries, and named with its place; clocks by attesta doctor`,
      ],
    };
  }

  private edits(): Promise<void> {
    return this.inVisits(EDITS, async (count) => {
      const edited = await Promise.all(
        spread(count, this.size, this.chaos.random).map(async (position) => {
          const { length } = await this.log.bytesOf(position);
          return { position, at: this.chaos.between(0, length), mask: this.chaos.between(1, 256) };
        }),
      );
      const flip = async () => {
        for (const { position, at, mask } of edited) {
          const set = 'update entry set bytes = set_byte(bytes, $2, get_byte(bytes, $2) # $3) where position = $1';
          await this.log.sql(set, [position, at, mask]);
        }
      };
      await flip();
      await this.visit(
        `${count} single bytes edited`,
        edited.map(({ position }) => ({ kind: 'edit', position })),
      );
      await flip();
    });
  }

  private swaps(): Promise<void> {
    return this.inVisits(SWAPS, async (count) => {
      const places = spread(2 * count, this.size, this.chaos.random);
      const pairs = Array.from({ length: count }, () => {
        const [one, other] = [0, 0].map(() => places.splice(this.chaos.between(0, places.length), 1)[0]!);
        return [Math.min(one!, other!), Math.max(one!, other!)] as const;
      });
      const swap = async () => {
        for (const [p, q] of pairs) {
          await this.log.sql('update entry set position = -1 - position where position in ($1, $2)', [p, q]);
          await this.log.sql('update entry set position = $1 + 1 + position where position < 0', [p + q]);
        }
      };
      await swap();
      await this.visit(
        `${count} pairs of rows swapped`,
        pairs.map(([p, q]) => ({ kind: 'reorder', position: p, positions: [p, q] })),
      );
      await swap();
    });
  }

  private deletions(): Promise<void> {
    return this.inVisits(DELETIONS, async (count) => {
      // Not the last one: that is a tail cut off. No two beside each other: they would be one gap.
      const places = spread(count, this.size - 1, this.chaos.random, 2);
      await this.log.sql('create table taken as select * from entry where position = any ($1::bigint[])', [places]);
      await this.log.sql('delete from entry where position = any ($1::bigint[])', [places]);
      await this.visit(
        `${count} rows deleted`,
        places.map((position) => ({ kind: 'gap', position })),
      );
      await this.log.sql('insert into entry select * from taken; drop table taken');
    });
  }

  private async truncations(): Promise<void> {
    for (let i = 0; i < this.chaos.wanted(TRUNCATIONS); i++) {
      const from = this.chaos.between(1, this.size);
      await this.log.sql('create table taken as select * from entry where position >= $1', [from]);
      await this.log.sql('delete from entry where position >= $1', [from]);
      await this.visit(`the log cut off at ${from}`, [{ kind: 'truncation', ...stretch(from, this.size - 1) }]);
      await this.log.sql('insert into entry select * from taken; drop table taken');
      this.count(TRUNCATIONS);
    }
  }

  private async olderBackups(): Promise<void> {
    for (let i = 0; i < this.chaos.wanted(ROLLBACKS); i++) {
      const older = await this.putBack();
      await this.visit(`a backup of ${older} entries put back`, [{ kind: 'rollback', ...stretch(older, this.size - 1) }]);
      this.count(ROLLBACKS);
    }
    for (let i = 0; i < this.chaos.wanted(FORKS); i++) {
      const older = await this.putBack();
      const grown = await this.log.seal(this.chaos.between(1, 200), `instead-${i}`);
      const cut: Named[] = grown < this.size ? [{ kind: 'rollback', ...stretch(grown, this.size - 1) }] : [];
      await this.visit(`a backup of ${older} entries grown to ${grown} another way`, [{ kind: 'fork', position: older }, ...cut]);
      this.count(FORKS);
    }
    await this.log.restore('honest');
  }

  /** @returns its size */
  private async putBack(): Promise<number> {
    const which = this.chaos.between(0, BACKUPS);
    await this.log.restore(`backup_${which}`);
    return this.backups[which]!;
  }

  /** From a quarter of a minute to four days, ahead and behind; beside them one that is right. */
  private async wrongClocks(): Promise<void> {
    const right = await this.log.clock(0);
    if (right.status !== 'ok') this.problems.push(`a clock that is right is called wrong: ${right.detail}`);
    for (let i = 0; i < this.chaos.wanted(CLOCKS); i++) {
      const seconds = Math.round(15 * 2 ** (this.chaos.random() * 14.5)) * (i % 2 === 0 ? 1 : -1);
      const { status, detail } = await this.log.clock(seconds * 1000);
      const [, told = '', way = ''] = /is (\d+) s (ahead of|behind) /.exec(detail) ?? [];
      const named = way === (seconds < 0 ? 'behind' : 'ahead of') && Math.abs(Number(told) - Math.abs(seconds)) <= 3;
      if (status !== 'problem' || !named) this.problems.push(`a clock ${seconds} s off: the doctor says ${status}, ${detail}`);
      this.count(CLOCKS);
    }
  }

  private async inVisits(fault: keyof typeof AT_ONCE, attack: (count: number) => Promise<void>): Promise<void> {
    for (let left = this.chaos.wanted(fault); left > 0;) {
      const count = Math.min(left, AT_ONCE[fault]!);
      await attack(count);
      this.count(fault, count);
      left -= count;
    }
  }

  private async visit(what: string, named: readonly Named[]): Promise<void> {
    const { code, problems } = await this.log.verify(STATE);
    const [is, mustBe] = [listed(problems), listed(named)];
    if (code !== (named.length === 0 ? 0 : 1)) this.problems.push(`${what}: the check ended with code ${code}`);
    if (is !== mustBe) this.problems.push(`${what}: named as ${is || 'nothing'}, and it was ${mustBe || 'nothing'}`);
  }

  private count(fault: string, times = 1): void {
    this.faults[fault] = (this.faults[fault] ?? 0) + times;
  }
}

const stretch = (position: number, last: number) => (position === last ? { position } : { position, lastPosition: last });

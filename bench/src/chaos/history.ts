import { LogReader, openNote, parseCheckpoint, parseVerifierKey, toBase64, verifyLog, type Checkpoint } from '@attesta/proof';
import { httpLog, nodePrimitives } from '@attesta/proof/node';

/** Where the log answers, and who may read it whole. */
export interface LogAccess {
  url: string;
  /** An auditor's. */
  token(): Promise<string>;
}

/** An event that whoever published it holds a receipt for. */
export interface Acknowledged {
  source: string;
  id: string;
  /** Whom it is about, in the publisher's words, and its place among this publisher's events about them. */
  person: string;
  nth: number;
  /** Where the receipt says it is sealed, if it says so. */
  position?: number;
}

/** What a history comes to when it is held against the log. */
export interface Verdict {
  acknowledged: number;
  lost: number;
  duplicated: number;
  problems: string[];
  /** Entries in the log. */
  size: number;
}

const SHOWN = 5;

/** All that was promised to anybody, to be held against the log in the end. */
export class History {
  private readonly promised = new Map<string, Acknowledged>();
  private readonly checkpoints = new Map<string, Checkpoint>();
  private readonly problems: string[] = [];

  get acknowledged(): number {
    return this.promised.size;
  }

  /** The same event may be acknowledged again, at the same place. */
  acknowledge(event: Acknowledged): void {
    const key = keyOf(event);
    const before = this.promised.get(key);
    if (before?.position !== undefined && event.position !== undefined && before.position !== event.position) {
      this.problems.push(`${key} was said to be sealed at ${before.position}, and then at ${event.position}`);
    }
    this.promised.set(key, { ...before, ...event });
  }

  /** Looks at the newest checkpoint, as anybody outside may, and keeps it. */
  async seeCheckpoint({ url }: LogAccess): Promise<void> {
    const note = await (await answered(`${url}/log/checkpoint`)).text();
    const key = parseVerifierKey((await (await answered(`${url}/log/key`)).text()).trim());
    const checkpoint = parseCheckpoint(openNote(nodePrimitives, note, [key]).text);
    this.checkpoints.set(`${checkpoint.size} ${toBase64(checkpoint.root)}`, checkpoint);
  }

  /**
   * Everything acknowledged is sealed once, where its receipt says, each person's in the order it was published, under the newest checkpoint;
   * the whole log verifies, and every checkpoint that anybody saw is of this very log.
   */
  async check(log: LogAccess): Promise<Verdict> {
    const headers = async () => ({ authorization: `Bearer ${await log.token()}` });
    const reader = new LogReader(nodePrimitives, httpLog(`${log.url}/log/`, { headers: await headers() }));
    const key = (await (await answered(`${log.url}/log/key`)).text()).trim();
    const report = await verifyLog(nodePrimitives, reader, { key });
    const problems = [...this.problems, ...report.problems.map(({ message }) => message)];
    const size = report.checkpoint?.size ?? 0;
    const sealed = await this.sealed(reader, size, problems);
    problems.push(...(await this.otherLogs(reader, size)));
    const missing = [...this.promised.values()].filter((event) => !sealed.has(keyOf(event)));
    const doubled = [...this.promised.values()].filter((event) => (sealed.get(keyOf(event))?.length ?? 0) > 1);
    problems.push(...named('acknowledged, and not in the log', missing.map(keyOf)));
    problems.push(...named('more than once in the log', doubled.map(keyOf)));
    for (const event of this.promised.values()) {
      const [position] = sealed.get(keyOf(event)) ?? [];
      if (event.position === undefined || position === undefined || position === event.position) continue;
      problems.push(`${keyOf(event)} is sealed at ${position}; its receipt says ${event.position}`);
    }
    const duplicated = doubled.reduce((sum, event) => sum + sealed.get(keyOf(event))!.length - 1, 0);
    return { acknowledged: this.promised.size, lost: missing.length, duplicated, problems, size };
  }

  /** Where each acknowledged event stands; whoever is out of order is a problem. */
  private async sealed(reader: LogReader, size: number, problems: string[]): Promise<Map<string, number[]>> {
    const sealed = new Map<string, number[]>();
    const newest = new Map<string, Acknowledged>();
    for await (const { position, bytes } of reader.entries(0, size)) {
      const { source, id } = JSON.parse(Buffer.from(bytes).toString()) as { source: string; id: string };
      const event = this.promised.get(keyOf({ source, id }));
      if (!event) continue;
      const positions = sealed.get(keyOf(event));
      if (positions) positions.push(position);
      else sealed.set(keyOf(event), [position]);
      const person = `${source} ${event.person}`;
      const before = newest.get(person);
      if (!positions && before && before.nth > event.nth) problems.push(`${id} is sealed after ${before.id}, and was published before it`);
      newest.set(person, event);
    }
    return sealed;
  }

  private async otherLogs(reader: LogReader, size: number): Promise<string[]> {
    const problems: string[] = [];
    for (const checkpoint of this.checkpoints.values()) {
      if (checkpoint.size > size) {
        problems.push(`a checkpoint over ${checkpoint.size} entries was seen, and the newest one covers ${size}`);
      } else if (checkpoint.size > 0 && toBase64(await reader.rootAt(checkpoint.size, size)) !== toBase64(checkpoint.root)) {
        problems.push(`the log does not continue a checkpoint over ${checkpoint.size} entries that was seen`);
      }
    }
    return problems;
  }
}

const keyOf = ({ source, id }: { source: string; id: string }) => `${source} ${id}`;

/** One line however many there are. */
const named = (what: string, which: string[]): string[] =>
  which.length === 0 ? [] : [`${which.length} ${what}: ${which.slice(0, SHOWN).join(', ')}${which.length > SHOWN ? ', ...' : ''}`];

async function answered(url: string): Promise<Response> {
  const answer = await fetch(url);
  if (!answer.ok) throw new Error(`${url} answered ${answer.status}`);
  return answer;
}

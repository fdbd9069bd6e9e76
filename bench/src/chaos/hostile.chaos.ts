import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { isRunning, startPostgres } from '@attesta/event-log/embedded';
import type { Policy } from '@attesta/policy';
import { readPolicy } from '@attesta/service-kit';
import { generator } from '@attesta/testing/random';
import { number, percentile } from '../bench.js';
import { startChild } from '../child.js';
import { endPostgres } from '../workshop.js';
import { wrongWith } from './hostile/answers.js';
import { Dice } from './hostile/dice.js';
import { EventCases, type EventCase } from './hostile/event-cases.js';
import { Findings } from './hostile/findings.js';
import { HealthyClient } from './hostile/healthy-client.js';
import { Http } from './hostile/http.js';
import { plantedIn } from './hostile/planted.js';
import { publishingCase } from './hostile/publishing-cases.js';
import { Publishing } from './hostile/publishing.js';
import { sendMalformed, sendSlowly, sendTruncated } from './hostile/raw-requests.js';
import { Refusals, type Refusal } from './hostile/refusals.js';
import { RequestCases, type OpenApi } from './hostile/request-cases.js';
import { supplyOf } from './hostile/supply.js';
import type { SystemTask, SystemTold } from './hostile/system.child.js';
import { Tokens } from './hostile/tokens.js';
import { History, type LogAccess } from './history.js';
import type { Chaos, Outcome, Round } from './round.js';

const EVENTS = 'hostile events in batches';
const PUBLISHING = 'hostile publishing requests, at and past every limit';
const REQUESTS = 'hostile requests to every route';
const RAW = 'malformed HTTP on raw sockets';
const CUT = 'requests cut short';
const SLOW = 'requests that never end';

const STRUCTURED = 'application/cloudevents+json';
const LARGEST_BATCH = 3.5 * 2 ** 20;
const SERVICES = ['audit', 'consent', 'requests', 'retention', 'notification'];
/** How long a healthy client may have to wait at worst, and mostly. */
const [STALL_MS, P99_MS] = [15_000, 5_000];
/** What the process may hold more in the end than when it had warmed up, and ever. */
const [GROWTH_MIB, PEAK_MIB] = [200, 2_000];

/** Everything that the schemas do not allow, in every place where something comes in. */
export const hostile: Round = {
  name: 'hostile',
  faults: { [EVENTS]: 80_000, [PUBLISHING]: 480, [REQUESTS]: 22_000, [RAW]: 400, [CUT]: 200, [SLOW]: 16 },
  run: async (chaos) => (await Fuzz.start(chaos)).run(),
};

class Fuzz {
  private readonly faults: Record<string, number> = {};
  private readonly findings = new Findings();
  private readonly history = new History();
  private readonly refusals = new Refusals();
  private readonly http: Http;
  private readonly publishing: Publishing;
  private readonly log: LogAccess;
  private readonly statuses = new Map<number, number>();
  private readonly policy: Policy;

  private constructor(
    private readonly chaos: Chaos,
    private readonly url: string,
    private readonly tokens: Tokens,
    private readonly logFile: string,
    private readonly memory: () => Promise<{ heapMiB: number; peakMiB: number }>,
  ) {
    this.policy = readPolicy(path.join(chaos.root, 'policies/m-med.yaml'));
    this.http = new Http(url, 16);
    this.log = { url, token: async () => (await tokens.of('auditor')).slice('Bearer '.length) };
    this.publishing = new Publishing(this.http, () => tokens.of('publisher'), this.history, this.refusals, this.findings);
  }

  static async start(chaos: Chaos): Promise<Fuzz> {
    const directory = chaos.scratch();
    const [home, logFile] = [path.join(directory, 'system'), path.join(directory, 'log')];
    fs.mkdirSync(home);
    chaos.cleanup.atExit(() => endPostgres(path.join(home, 'postgres')));
    chaos.cleanup.defer(async () => void ((await isRunning(home)) && (await (await startPostgres({ dataDir: home })).stop())));
    const task: SystemTask = { home, logFile, policyFile: path.join(chaos.root, 'policies/m-med.yaml') };
    const system = startChild<SystemTold>('./chaos/hostile/system.child.js', task, chaos.cleanup);
    const url = await system.heard((told) => ('url' in told ? told.url : undefined));
    const memory = () => {
      const heard = system.heard((told) => ('heapMiB' in told ? told : undefined));
      system.tell({});
      return heard;
    };
    return new Fuzz(chaos, url, await Tokens.open(home), logFile, memory);
  }

  async run(): Promise<Outcome> {
    const { chaos, findings, history } = this;
    await this.firstCheckpoint();
    const healthy = new HealthyClient(this.publishing, history, findings);
    healthy.start();
    const slow = this.neverEnding();
    await this.flood(0.2);
    const before = await this.memory();
    await this.flood(0.8);
    await slow;
    await healthy.stop();
    const after = await this.memory();
    await this.followed();
    await this.keptRefusals();
    this.searchLog();
    const { p99, slowest } = this.latency(healthy.milliseconds);
    const growth = after.heapMiB - before.heapMiB;
    if (growth > GROWTH_MIB || after.peakMiB > PEAK_MIB)
      findings.add(`the process came to hold ${Math.round(growth)} MiB more, and ${Math.round(after.peakMiB)} MiB at worst`);
    const verdict = await history.check(this.log);
    this.http.close();
    const statuses = [...this.statuses].sort(([a], [b]) => a - b).map(([status, times]) => `${number(times)} x ${status}`);
    return {
      ...verdict,
      faults: this.faults,
      problems: [...findings.problems, ...verdict.problems],
      notes: [
        `a healthy client: ${number(healthy.milliseconds.length)} events one by one, p99 ${Math.round(p99)} ms, slowest ${Math.round(slowest)} ms`,
        `${number(this.refusals.count)} rejections, each found again; ${number(this.publishing.busy)} times told to come back`,
        `requests were answered ${statuses.join(', ')}`,
        `heap ${Math.round(before.heapMiB)} MiB, in the end ${Math.round(after.heapMiB)} MiB; ${Math.round(after.peakMiB)} MiB resident at most (seed ${chaos.seed})`,
      ],
    };
  }

  /** The log is empty at first, and nothing is signed. */
  private async firstCheckpoint(): Promise<void> {
    const { event } = new EventCases(supplyOf(this.policy), new Dice(this.chaos.random), 'first').good();
    this.publishing.note(await this.publishing.send({ 'content-type': STRUCTURED }, Buffer.from(JSON.stringify(event))));
    while (!(await fetch(`${this.url}/log/checkpoint`)).ok) await pause(50);
  }

  /** Everything at once, this share of it. */
  private async flood(share: number): Promise<void> {
    const { chaos, url } = this;
    const openApi = (await (await fetch(`${url}/docs-json`)).json()) as OpenApi;
    const supply = supplyOf(this.policy, openApi.components.schemas);
    const label = `f${Math.round(share * 10)}`;
    const lane = async (fault: string, work: (dice: Dice, n: number) => Promise<number>, lanes = 1) => {
      const wanted = Math.ceil(chaos.wanted(fault) * share);
      let begun = 0;
      const run = async (dice: Dice) => {
        while (begun < wanted) {
          const n = begun++;
          const done = await work(dice, n).catch((error: unknown) => {
            this.findings.add(`no answer: ${error instanceof Error ? error.message : String(error)}`, `${fault} ${n}`);
            return 1;
          });
          begun += done - 1;
          this.faults[fault] = (this.faults[fault] ?? 0) + done;
        }
      };
      await Promise.all(Array.from({ length: lanes }, () => run(new Dice(generator(chaos.between(0, 2 ** 32))))));
    };
    const eventsOf = new Map<Dice, EventCases>();
    const events = (dice: Dice, of: string) => {
      let cases = eventsOf.get(dice);
      if (!cases) eventsOf.set(dice, (cases = new EventCases(supply, dice, `${label}-${of}-${eventsOf.size}`)));
      return cases;
    };
    const requests = new RequestCases(openApi, supply, this.tokens, new Dice(generator(chaos.between(0, 2 ** 32))));
    await Promise.all([
      lane(EVENTS, (dice) => this.batch(events(dice, 'batch'), dice), 2),
      lane(PUBLISHING, (dice, n) => this.publish(n, events(dice, 'one'), dice)),
      lane(REQUESTS, () => this.request(requests), 6),
      lane(RAW, (dice) => this.raw(dice), 3),
      lane(CUT, async (dice) => sendTruncated(url, dice).then(() => 1)),
    ]);
  }

  private async batch(events: EventCases, dice: Dice): Promise<number> {
    const cases: (EventCase & { text: string })[] = [];
    for (let [bytes, most] = [0, dice.between(20, 300)]; cases.length < most;) {
      const next = this.again(events, dice) ?? events.next();
      const text = JSON.stringify(next.event);
      bytes += Buffer.byteLength(text) + 1;
      if (bytes > LARGEST_BATCH) break;
      cases.push({ ...next, text });
    }
    await this.publishing.batch(cases);
    await this.history.seeCheckpoint(this.log);
    return cases.length;
  }

  /** Now and then one that is sealed already comes again: the same, or something else under its id. */
  private again(events: EventCases, dice: Dice): EventCase | undefined {
    const { sealed } = this.publishing;
    if (sealed.length === 0 || !dice.chance(0.03)) return undefined;
    const { event } = dice.pick(sealed);
    if (dice.chance(0.5)) return { event, how: 'sent again', must: 'repeat' };
    const { data, subject } = events.good().event;
    return {
      event: { ...event, subject: subject!, data: { ...data, channel: 'partner' } },
      how: 'other content under the same id',
      must: 'reject',
    };
  }

  private async publish(n: number, events: EventCases, dice: Dice): Promise<number> {
    const { how, headers, body, statuses } = publishingCase(n, events, dice);
    const answer = await this.publishing.send(headers, body).catch((error: unknown) => {
      throw new Error(`publishing ${how}: ${String(error)}`);
    });
    const wrong =
      wrongWith(answer) ?? (statuses.includes(answer.status) ? undefined : `was answered ${answer.status}: ${answer.body.slice(0, 200)}`);
    if (wrong !== undefined) this.findings.add(`publishing ${how} ${wrong}`);
    this.publishing.note(answer);
    return 1;
  }

  private async request(requests: RequestCases): Promise<number> {
    const sent = await requests.next();
    const answer = await this.http.ask(sent).catch((error: unknown) => {
      throw new Error(`${sent.name}: ${String(error)} (${sent.path.slice(0, 80)})`);
    });
    this.statuses.set(answer.status, (this.statuses.get(answer.status) ?? 0) + 1);
    const wrong =
      wrongWith(answer, sent.ours && sent.method !== 'HEAD') ??
      (sent.closed && answer.status < 300 ? `let somebody in (${answer.status})` : undefined);
    const example = `${sent.method} ${sent.path.slice(0, 200)} ${sent.body?.toString().slice(0, 300) ?? ''}`;
    if (wrong !== undefined) this.findings.add(`${sent.name} ${wrong}`, example);
    requests.learn(answer.body);
    if (sent.name === 'POST /v1/events' && sent.method === 'POST') this.publishing.note(answer);
    return 1;
  }

  private async raw(dice: Dice): Promise<number> {
    const { how, statuses, ended, text } = await sendMalformed(this.url, dice, 20);
    if (!ended) this.findings.add(`a connection stayed open after ${how}`);
    for (const status of statuses) if (status >= 500) this.findings.add(`${how} on a raw socket was answered ${status}`);
    if (plantedIn(text).length > 0) this.findings.add(`${how} on a raw socket is repeated in the answer`);
    return 1;
  }

  /** A server that looks at its connections now and then cuts them a while after their time is over. */
  private async neverEnding(): Promise<void> {
    const wanted = this.chaos.wanted(SLOW);
    await Promise.all(
      Array.from({ length: wanted }, async (_, i) => {
        const { ended } = await sendSlowly(this.url, i % 2 === 0, 75);
        if (!ended) this.findings.add('a request that never ends was never cut');
        this.faults[SLOW] = (this.faults[SLOW] ?? 0) + 1;
      }),
    );
  }

  /** What was sealed is under a checkpoint and has gone through every service, and none of it was set aside there. */
  private async followed(): Promise<void> {
    const size = async () => Number((await (await fetch(`${this.url}/log/checkpoint`)).text()).split('\n')[1]);
    for (const service of SERVICES) {
      const authorization = await this.tokens.of('operator');
      const ask = async (what: string) =>
        (await this.http.ask({ method: 'GET', path: `/ops/${service}/${what}`, headers: { authorization } })).body;
      const upto = (await size()) - 1;
      for (const until = Date.now() + 120_000; !reached(await ask('progress'), upto); await pause(100)) {
        if (Date.now() < until) continue;
        this.findings.add(`${service} did not follow the log within two minutes: ${(await ask('progress')).slice(0, 300)}`);
        break;
      }
      const parked = JSON.parse(await ask('dlq')) as { data: unknown[] };
      if (parked.data.length > 0)
        this.findings.add(`${service} set ${parked.data.length} entries aside`, JSON.stringify(parked.data[0]).slice(0, 400));
    }
  }

  private async keptRefusals(): Promise<void> {
    const register: Refusal[] = [];
    const authorization = await this.tokens.of('auditor');
    for (let cursor: string | null = ''; cursor !== null;) {
      const { body } = await this.http.ask({
        method: 'GET',
        path: `/v1/rejections?limit=500${cursor && `&cursor=${cursor}`}`,
        headers: { authorization },
      });
      const page = JSON.parse(body) as {
        data: { eventId: string | null; transport: string; problems: Refusal['problems'] }[];
        next_cursor: string | null;
      };
      for (const { eventId, transport, problems } of page.data) if (transport === 'http') register.push({ id: eventId, problems });
      cursor = page.next_cursor;
    }
    const { lost, unheard, example } = this.refusals.compare(register);
    if (lost > 0) this.findings.add(`${lost} of ${this.refusals.count} rejections cannot be found again`, example);
    if (unheard > 0) this.findings.add(`${unheard} rejections are kept that nobody was told of`);
  }

  private searchLog(): void {
    for (const line of fs.readFileSync(this.logFile, 'utf8').split('\n')) {
      if (plantedIn(line).length > 0) this.findings.add('a value that was sent stands in the log', line.slice(0, 200));
      // That it was too busy for one request is told to who asked, and counted there.
      if (line.includes('"level":"error"') && !line.includes('"status":503'))
        this.findings.add(`the log tells of an error`, line.slice(0, 600));
    }
  }

  private latency(milliseconds: number[]): { p99: number; slowest: number } {
    const [p99, slowest] = [percentile(milliseconds, 0.99), Math.max(...milliseconds)];
    if (p99 > P99_MS || slowest > STALL_MS)
      this.findings.add(`a healthy client waited: p99 ${Math.round(p99)} ms, ${Math.round(slowest)} ms at worst`);
    return { p99, slowest };
  }
}

const reached = (body: string, upto: number): boolean => {
  const positions = [...body.matchAll(/"position":(-?\d+)/g)].map(([, position]) => Number(position));
  return positions.length > 0 && positions.every((position) => position >= upto);
};

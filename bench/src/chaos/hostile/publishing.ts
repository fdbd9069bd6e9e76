import type { CloudEvent, Receipt } from '@attesta/events';
import type { History } from '../history.js';
import { isBusy, nameable, wrongWith, type Answer } from './answers.js';
import type { EventCase } from './event-cases.js';
import type { Findings } from './findings.js';
import type { Http } from './http.js';
import { plantedIn } from './planted.js';
import type { Refusals } from './refusals.js';

export interface Sealed {
  event: CloudEvent;
  position: number;
}

const BATCH = 'application/cloudevents-batch+json';

/** Publishes, and holds every receipt against what was sent. */
export class Publishing {
  busy = 0;
  /** Events of a healthy publisher that were sealed among broken ones. */
  readonly sealed: Sealed[] = [];

  constructor(
    private readonly http: Http,
    private readonly authorization: () => Promise<string>,
    private readonly history: History,
    private readonly refusals: Refusals,
    private readonly findings: Findings,
  ) {}

  /** Asks again as long as it is told to. */
  async send(headers: Record<string, string>, body: Buffer): Promise<Answer> {
    for (;;) {
      const sent = { method: 'POST', path: '/v1/events', headers: { authorization: await this.authorization(), ...headers }, body };
      const answer = await this.http.ask(sent);
      if (!isBusy(answer)) return answer;
      this.busy++;
      await new Promise((wake) => setTimeout(wake, 200));
    }
  }

  async batch(cases: readonly (EventCase & { text: string })[]): Promise<void> {
    const answer = await this.send({ 'content-type': BATCH }, Buffer.from(`[${cases.map(({ text }) => text).join()}]`));
    const wrong = wrongWith(answer);
    if (wrong ?? answer.status !== 200)
      return this.findings.add(`a batch of ${cases.length} events was ${wrong ?? `answered ${answer.status}`}`);
    const { receipts } = JSON.parse(answer.body) as { receipts: Receipt[] };
    if (receipts.length !== cases.length) return this.findings.add(`${receipts.length} receipts came for ${cases.length} events`);
    receipts.forEach((receipt, i) => this.judge(receipt, cases[i]!));
  }

  /** What any answer of the route says about events is kept. */
  note({ status, body }: Answer): void {
    if (status >= 500 || !body.startsWith('{')) return;
    const said = JSON.parse(body) as Receipt & { receipts?: Receipt[]; receipt?: Receipt; errors?: Receipt['problems'] };
    if (status === 200 || status === 201) for (const receipt of said.receipts ?? [said]) this.keep(receipt);
    else if (said.receipt) this.keep({ ...said.receipt, problems: said.errors ?? [] });
  }

  private keep({ id, source, status, position, problems = [] }: Receipt): void {
    if (status === 'rejected') this.refusals.hear({ id, problems });
    else this.history.acknowledge({ id, source, person: id, nth: 0, ...(position !== undefined && { position }) });
  }

  private judge(receipt: Receipt, { event, how, must }: EventCase): void {
    const { findings } = this;
    const { status, position, problems } = receipt;
    this.keep(receipt);
    if (status === 'rejected') {
      if (!nameable(problems)) findings.add('an event was rejected and its receipt does not say why', how);
      if (plantedIn(JSON.stringify(receipt)).length > 0 && receipt.id !== '' && plantedIn(JSON.stringify(problems)).length > 0)
        findings.add('a receipt repeats a value that was sent', how);
      if (must === 'seal' || must === 'repeat') findings.add(`a good event was rejected: ${problems?.map(({ code }) => code).join()}`, how);
    } else if (must === 'reject') findings.add(`an event that nobody may send was ${status}`, how);
    else if (must === 'seal' && status !== 'sealed') findings.add(`a good event was ${status}`, how);
    else if (must === 'repeat' && status !== 'duplicate') findings.add(`an event sent again was ${status}`, how);
    else if (must === 'seal') this.sealed.push({ event: event as CloudEvent, position: position! });
  }
}

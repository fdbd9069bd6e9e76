import { setTimeout as pause } from 'node:timers/promises';
import type { Receipt } from '@attesta/events';
import { eventFactory, uuidV7 } from '../../sample-events.js';
import type { History } from '../history.js';
import type { Findings } from './findings.js';
import type { Publishing } from './publishing.js';

const PEOPLE = 8;
const EVERY_MS = 20;

/** Somebody who does nothing wrong, and must not notice what others do. */
export class HealthyClient {
  readonly milliseconds: number[] = [];
  private readonly make = eventFactory(['account|healthy']);
  private stopped = false;
  private running: Promise<void> | undefined;

  constructor(
    private readonly publishing: Publishing,
    private readonly history: History,
    private readonly findings: Findings,
  ) {}

  start(): void {
    this.running = this.run();
  }

  async stop(): Promise<void> {
    this.stopped = true;
    await this.running;
  }

  private async run(): Promise<void> {
    for (let nth = 0; !this.stopped; nth++) {
      const person = `account|healthy-${nth % PEOPLE}`;
      const event = { ...this.make(), id: uuidV7(), source: '//healthy.example/shop', subject: person };
      const started = performance.now();
      try {
        const { status, body } = await this.publishing.send(
          { 'content-type': 'application/cloudevents+json' },
          Buffer.from(JSON.stringify(event)),
        );
        this.milliseconds.push(performance.now() - started);
        if (status !== 201) this.findings.add(`a healthy client was answered ${status}: ${body.slice(0, 200)}`);
        else this.history.acknowledge({ ...event, person, nth, position: (JSON.parse(body) as Receipt).position! });
      } catch (error) {
        this.findings.add(`a healthy client got no answer: ${String(error)}`);
      }
      await pause(EVERY_MS);
    }
  }
}

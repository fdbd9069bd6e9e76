import { History, type Acknowledged } from './history.js';

/** From one sign of life of something to the next, milliseconds of performance.now(). */
interface Silence {
  from: number;
  upto: number;
}

/** Shorter ones are not kept. */
const LEAST_MS = 20;

/** When something last showed that it works, and for how long it did not. */
export class Signs {
  private last = performance.now();
  private readonly silences: Silence[] = [];

  note(): void {
    const now = performance.now();
    if (now - this.last >= LEAST_MS) this.silences.push({ from: this.last, upto: now });
    this.last = now;
  }

  since(moment: number): boolean {
    return this.last > moment;
  }

  /** The longest silence that touches the time between, in milliseconds. */
  longest(from: number, upto: number): number {
    const touching = this.silences.filter((silence) => silence.upto > from && silence.from < upto);
    return Math.max(0, ...touching.map((silence) => silence.upto - silence.from));
  }
}

/** A history that knows when it was told, by the way that events took. */
export class TimedHistory extends History {
  readonly ways = { HTTP: new Signs(), Kafka: new Signs() };

  override acknowledge(event: Acknowledged): void {
    super.acknowledge(event);
    // An event that was sealed at a place came by HTTP; of Kafka's it is known that it stands in the topic.
    if (event.position !== undefined) this.ways.HTTP.note();
    else if (!event.source.startsWith('//attesta/')) this.ways.Kafka.note();
  }
}

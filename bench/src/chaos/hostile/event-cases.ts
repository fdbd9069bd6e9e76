import { events, type CloudEvent, type EventDefinition } from '@attesta/events';
import { eventFactory } from '../../sample-events.js';
import { breakOne } from './breaking.js';
import type { Dice } from './dice.js';
import { SchemaValues, type Schema, type Supply } from './schema-values.js';

/** An event as it is sent, and what must become of it. */
export interface EventCase {
  event: unknown;
  /** What was done to it. */
  how: string;
  must: 'seal' | 'reject' | 'repeat' | 'either';
}

/** Under which the cases are published: nobody else's events are counted along. */
export const FUZZ_SOURCE = '//hostile.example/fuzz';

/** Events of every type, made from the registry's schemas, most of them broken in one place. */
export class EventCases {
  private readonly values: SchemaValues;
  private readonly healthy = eventFactory(Array.from({ length: 40 }, (_, i) => `account|mixed-${i}`));
  private readonly types = events.all();
  private count = 0;

  constructor(
    supply: Supply,
    private readonly dice: Dice,
    private readonly label: string,
  ) {
    this.values = new SchemaValues(supply, dice);
  }

  next(): EventCase {
    const { dice } = this;
    const kind = dice.random();
    if (kind < 0.1) return this.good();
    const event = dice.chance(0.3) ? this.good().event : this.ofType(dice.pick(this.types));
    if (kind < 0.2) return { event, how: 'as the schema has it', must: 'either' };
    const { value, how, surely } = breakOne(event, dice);
    return { event: value, how, must: surely ? 'reject' : 'either' };
  }

  /** What a healthy publisher sends. */
  good(): EventCase & { event: CloudEvent } {
    const event = { ...this.healthy(), id: this.newId(), source: FUZZ_SOURCE };
    return { event, how: 'nothing', must: 'seal' };
  }

  /** What its schema takes; the policy may have more to say. */
  ofType(definition: EventDefinition): CloudEvent {
    return {
      specversion: '1.0',
      id: this.newId(),
      source: FUZZ_SOURCE,
      type: definition.type,
      time: '2026-01-31T09:30:00Z',
      ...(definition.subject === 'forbidden' ? {} : { subject: `account|mixed-${this.dice.between(0, 40)}` }),
      data: this.values.of(definition.dataSchema as unknown as Schema) as CloudEvent['data'],
    };
  }

  private newId(): string {
    return `${this.label}-${++this.count}`;
  }
}

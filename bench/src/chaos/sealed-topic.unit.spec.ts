import type { SealedMessage } from '@attesta/transport';
import { Reading } from './sealed-topic.js';

const event = (position: number, previous: number) => ({ kind: 'event', event: { position }, previous }) as unknown as SealedMessage;
const read = (...messages: SealedMessage[]) => {
  const reading = new Reading();
  for (const message of messages) reading.take(message);
  return reading;
};

describe('a partition of the sealed topic, read as a consumer does', () => {
  it('skips what a new leader sends again', () => {
    const { events, again, rewinds, gaps } = read(event(0, -1), event(3, 0), event(4, 3), event(3, 0), event(4, 3), event(9, 4));
    expect({ events, again, rewinds, gaps }).toEqual({ events: [0, 3, 4, 9], again: 2, rewinds: 1, gaps: [] });
  });

  it('goes back again and again where two processes send', () => {
    const one = [event(0, -1), event(1, 0), event(2, 1), event(3, 2)];
    const { rewinds, again } = read(
      ...one.flatMap((message) => [message, message]).flatMap((message, i) => (i % 2 ? [message, one[0]!] : [message])),
    );
    expect(rewinds).toBe(3);
    expect(again).toBeGreaterThan(4);
  });

  it('names what is missing', () => {
    expect(read(event(0, -1), event(5, 3)).gaps).toEqual(['nothing between 0 and 3']);
  });

  it('knows from a mark that nothing fell to it', () => {
    expect(read(event(0, -1), { kind: 'mark', upto: 7, previous: 0 }, event(9, 0)).gaps).toEqual([]);
  });
});

import { actorOf } from './actor.js';

const ISSUER = 'https://login.example';
const PEPPER = 'a pepper of at least 32 characters';

describe('the actor a caller is recorded as', () => {
  it.each(['storefront', '248289761001', '7d3f0c9a-1b2c-4d5e-8f90-123456789012', 'auth0|5f7c8ec7c33c6c004bbafe82'])(
    'is the sub %s as it is',
    (sub) => expect(actorOf(ISSUER, sub, PEPPER)).toBe(sub),
  );

  it.each(['somchai@example.co.th', '+66812345678', '1101700230708'])('is a pseudonym for the sub %s', (sub) => {
    const actor = actorOf(ISSUER, sub, PEPPER);
    expect(actor).toMatch(/^usr_[0-9a-f]{32}$/);
    expect(actorOf(ISSUER, sub, PEPPER)).toBe(actor);
    expect(actorOf(ISSUER, actor, PEPPER)).toBe(actor);
  });

  it('is another for another issuer, sub or pepper', () => {
    const sub = 'somchai@example.co.th';
    const actors = [
      actorOf(ISSUER, sub, PEPPER),
      actorOf('https://other.example', sub, PEPPER),
      actorOf(ISSUER, 'somsri@example.co.th', PEPPER),
      actorOf(ISSUER, sub, `${PEPPER}!`),
      actorOf(ISSUER, sub),
    ];
    expect(new Set(actors).size).toBe(actors.length);
  });
});

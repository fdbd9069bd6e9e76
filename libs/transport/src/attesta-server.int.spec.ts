import { Controller, type INestMicroservice } from '@nestjs/common';
import { Ctx, EventPattern, Payload } from '@nestjs/microservices';
import { Test } from '@nestjs/testing';
import { AttestaServer, OnSealed, SealedEventContext } from './attesta-server.js';
import { keys, Register, TestLog, upTo } from './feed-rig.js';
import type { FeedSubscription, SealedEvent } from './feed.js';
import { PostgresFeed } from './postgres-feed.js';

const seen: string[] = [];
let failing: number[] = [];

@Controller()
class UseController {
  @OnSealed('attesta.use.recorded.v1')
  async used(@Payload() event: SealedEvent, @Ctx() context: SealedEventContext): Promise<void> {
    await context.getTx().query(`insert into applied (consumer, position, key) values ('nest', $1, 'x')`, [event.position]);
    if (failing.includes(event.position)) throw new Error('cannot take it');
  }

  @OnSealed('attesta.other.v1')
  other(): void {
    seen.push('other');
  }

  @EventPattern<string>('*')
  every(@Payload() event: SealedEvent): void {
    seen.push(`every ${event.position}`);
  }
}

describe('NestJS handlers on the sealed feed', () => {
  let log: TestLog;
  let register: Register;
  let app: INestMicroservice;
  let server: AttestaServer;

  beforeEach(async () => {
    seen.length = 0;
    failing = [];
    [log, register] = await Promise.all([TestLog.create(), Register.create()]);
    const module = await Test.createTestingModule({ controllers: [UseController] }).compile();
    server = new AttestaServer({ feed: new PostgresFeed(log.reader), group: 'nest', pool: register.db.pool, attempts: 1 });
    app = module.createNestMicroservice({ strategy: server, logger: false });
    await app.listen();
  });

  afterEach(async () => {
    await app.close();
    await Promise.all([log.db.drop(), register.db.drop()]);
  });

  it('are called one after the other, in the transaction that moves the cursor', async () => {
    const last = await log.append(keys(20));
    await server.unwrap<FeedSubscription>().caughtUp(last);
    expect((await register.rows('nest')).map((row) => row.position)).toEqual(upTo(last));
    expect(seen).toEqual(upTo(last).map((position) => `every ${position}`));
  });

  it('leave nothing behind when they fail, and the event is parked with the reason', async () => {
    failing = [4];
    const last = await log.append(keys(10, 'abcdefghij'));
    const subscription = server.unwrap<FeedSubscription>();
    await subscription.caughtUp(last);
    expect((await register.rows('nest')).map((row) => row.position)).toEqual(upTo(last).filter((position) => position !== 4));
    expect(await subscription.parked.list()).toMatchObject([{ position: 4, error: 'Error: cannot take it' }]);
  });
});

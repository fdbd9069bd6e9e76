import { Module, type DynamicModule } from '@nestjs/common';

export const OPEN_API = { title: 'Attesta', version: '0.1.0', description: 'A privacy compliance ledger: events in, proofs out.' };

/** All services' modules as one: their routes are unique, so one origin serves them. */
@Module({})
export class Whole {
  static of(...imports: DynamicModule[]): DynamicModule {
    return { module: Whole, imports };
  }
}

export { testDatabase, testServer, type TestDatabase } from './postgres.js';
export { describeKafka, startOwnKafka, testKafka, type OwnKafka, type TestKafka } from './kafka.js';
export { TestLedger, type Happening } from './test-ledger.js';

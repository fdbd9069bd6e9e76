export { testDatabase, testServer, tlsServer, type TestDatabase, type TlsServer } from './postgres.js';
export { describeKafka, startOwnKafka, testKafka, type OwnKafka, type TestKafka } from './kafka.js';
export { describeServer, onPath } from './server.js';
export { describeHelm, renderChart } from './helm.js';
export { TestLedger, type Happening } from './test-ledger.js';
export { startSmtp, TestSmtp, type SmtpFaults, type TakenMail, type TestSmtpOptions } from './smtp.js';
export { startSmtpProcess, type SmtpProcess } from './smtp-process.js';
export { RawSmtp, signal } from './smtp-client.js';
export { LOCAL_TLS } from './smtp-tls.js';

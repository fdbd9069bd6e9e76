export { testDatabase, testServer, tlsServer, type TestDatabase, type TlsServer } from './postgres.js';
export { describeServer, onPath } from './server.js';
export { KmsServer } from './kms-server.js';
export { TransitServer } from './transit-server.js';
export {
  describeKafka,
  startOwnCluster,
  startOwnKafka,
  testKafka,
  type ClusterNode,
  type OwnCluster,
  type OwnKafka,
  type TestKafka,
} from './kafka.js';
export { describeHelm, renderChart } from './helm.js';
export { TestLedger, type Happening } from './test-ledger.js';
export { startSmtp, TestSmtp, type SmtpFaults, type TakenMail, type TestSmtpOptions } from './smtp.js';
export { startSmtpProcess, type SmtpProcess } from './smtp-process.js';
export { RawSmtp, signal } from './smtp-client.js';
export { LOCAL_TLS } from './smtp-tls.js';

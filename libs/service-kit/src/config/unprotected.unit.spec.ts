import { isThisMachine, unprotectedBrokers, unprotectedDatabase } from './index.js';

const database = (query: string, host = 'db.example') => unprotectedDatabase(`postgres://u:p@${host}/attesta${query}`)?.message;

it.each(['localhost', '127.0.0.1', '127.1.2.3', '[::1]', '%2Fvar%2Frun%2Fpostgresql'])('%s is this machine', (host) => {
  expect(database('', host)).toBeUndefined();
});

it.each(['10.0.0.7', 'postgres', '127.example.org', '[2001:db8::1]', 'localhost.example.org'])('%s is not', (host) => {
  expect(database('', host)).toMatch(/not encrypted/);
});

it.each(['?sslmode=verify-full', '?sslmode=require', '?sslmode=prefer', '?ssl=true', '?sslrootcert=/ca.pem'])(
  '%s is protected',
  (query) => {
    expect(database(query)).toBeUndefined();
  },
);

it.each(['?sslmode=no-verify', '?sslmode=require&uselibpqcompat=true', '?sslmode=verify-ca&uselibpqcompat=true'])(
  '%s verifies no name',
  (query) => {
    expect(database(query)).toMatch(/not verified/);
  },
);

it('says nothing of what is no URL', () => {
  expect(unprotectedDatabase('/var/run/postgresql attesta')).toBeUndefined();
});

it('names the host that counts', () => {
  expect(unprotectedDatabase('postgres://u:p@localhost/attesta?host=10.0.0.7')?.host).toBe('10.0.0.7');
});

it('brokers elsewhere need TLS or a login', () => {
  expect(unprotectedBrokers(['localhost:9092', 'kafka:9092'], { tls: false })?.host).toBe('kafka');
  expect(unprotectedBrokers(['localhost:9092', '[::1]:9092'], { tls: false })).toBeUndefined();
  expect(unprotectedBrokers(['kafka:9092'], { tls: true })).toBeUndefined();
  expect(unprotectedBrokers(['kafka:9092'], { tls: false, sasl: {} })).toBeUndefined();
  expect(isThisMachine('')).toBe(true);
});

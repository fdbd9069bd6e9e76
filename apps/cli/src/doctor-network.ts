import net from 'node:net';
import { unprotectedBrokers, type Environment } from '@attesta/service-kit/configuration';
import { checkClock } from './doctor-server.js';
import { codeOf } from './failure.js';
import { note, ok, problem, skipped, type Finding } from './finding.js';

const CONNECT_MS = 3_000;
const ANSWER_MS = 10_000;

/** What the processes of this environment speak to besides their databases: brokers, the issuer, the mail server. */
export async function checkNetwork(env: Environment, now: () => Date): Promise<Finding[]> {
  // Loaded only here: the declarations bring their validators along.
  const { kafkaOf, smtpOf } = await import('./doctor-environment.js');
  return [...(await checkKafka(kafkaOf(env))), ...(await checkIssuer(env['AUTH_ISSUER'], now)), await checkMail(smtpOf(env))];
}

interface KafkaOfEnvironment {
  brokers: string[];
  access(): {
    tls: boolean | object;
    sasl?: { mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512'; username: string; password: string };
  };
}

/** Whether every broker accepts a connection, and if so, whether the topics are as they should be. */
async function checkKafka({ brokers, access }: KafkaOfEnvironment): Promise<Finding[]> {
  if (brokers.length === 0) return [skipped('Kafka', 'KAFKA_BROKERS names none')];
  const reached = await Promise.all(
    brokers.map(async (broker) => {
      const check = `Kafka ${broker}`;
      const match = /^\[?([^\]]+)\]?:(\d{1,5})$/.exec(broker);
      if (!match) return problem(check, 'is not host:port', 'KAFKA_BROKERS is a list such as kafka-1:9092,kafka-2:9092.');
      const failure = await connect(match[1] as string, Number(match[2]));
      return failure === undefined
        ? ok(check, 'accepts connections')
        : problem(check, `cannot be reached (${failure})`, 'Start it (npm run kafka), or correct KAFKA_BROKERS.');
    }),
  );
  const settings = access();
  const unprotected = unprotectedBrokers(brokers, settings);
  return [
    ...reached,
    ...(unprotected ? [problem('Kafka access', unprotected.message, unprotected.fix)] : []),
    ...(reached.every(({ status }) => status === 'ok') ? await checkTopics(brokers, settings) : []),
  ];
}

async function checkTopics(brokers: string[], settings: ReturnType<KafkaOfEnvironment['access']>): Promise<Finding[]> {
  const { compareTopics, connectKafka, topicPlans } = await import('@attesta/transport');
  try {
    const differences = await within(
      compareTopics(connectKafka({ brokers, ...settings, clientId: 'attesta-doctor' }), Object.values(topicPlans())),
    );
    if (differences.length === 0) return [ok('Kafka topics', 'partitions, retention and replicas are as planned')];
    return differences.map(({ topic, message, fix }) => problem(`topic ${topic}`, message, fix));
  } catch (error) {
    const fix = 'Look at the brokers, and at KAFKA_TLS and KAFKA_SASL_*; the user needs the right to describe topics and their configs.';
    return [problem('Kafka topics', `cannot be looked at (${codeOf(error)})`, fix)];
  }
}

const within = <T>(work: Promise<T>): Promise<T> =>
  Promise.race([
    work,
    new Promise<never>((_, reject) => {
      setTimeout(() => reject(Object.assign(new Error('no answer in time'), { code: 'ETIMEDOUT' })), ANSWER_MS).unref();
    }),
  ]);

/** Whether the issuer names itself as it is configured, has keys, and its clock agrees: tokens carry times. */
export async function checkIssuer(issuer: string | undefined, now: () => Date): Promise<Finding[]> {
  const check = 'issuer';
  if (issuer === undefined) return [skipped(check, 'AUTH_ISSUER is not set')];
  const fix = 'Set AUTH_ISSUER to the issuer exactly as its discovery document names it, and see that this machine reaches it.';
  const asked = now().getTime();
  try {
    const { body, date } = await getJson(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`);
    const clock = { ...checkClock(date, asked, now().getTime()), check: `${check}: clock` };
    if (body['issuer'] !== issuer) return [problem(check, 'its discovery document names another issuer', fix), clock];
    const { body: keys } = await getJson(String(body['jwks_uri']));
    if (!Array.isArray(keys['keys']) || keys['keys'].length === 0) {
      return [problem(check, 'it publishes no keys', 'Look at the issuer: no token can be verified.'), clock];
    }
    return [ok(check, `names itself rightly, ${keys['keys'].length} keys`), clock];
  } catch (error) {
    return [problem(check, `cannot be asked (${codeOf(error)})`, fix)];
  }
}

async function getJson(url: string): Promise<{ body: Record<string, unknown>; date: string | null }> {
  const response = await fetch(url, { redirect: 'error', signal: AbortSignal.timeout(ANSWER_MS) });
  const body = (await response.json().catch(() => ({}))) as Record<string, unknown>;
  if (!response.ok) throw Object.assign(new Error('refused'), { code: `status ${response.status}` });
  return { body, date: response.headers.get('date') };
}

/** Whether the mail server greets. */
export async function checkMail(smtpUrl: string | undefined): Promise<Finding> {
  const check = 'mail server';
  if (smtpUrl === undefined) return skipped(check, 'SMTP_URL is not set: mail goes into files');
  const { hostname, port, protocol } = new URL(smtpUrl);
  const failure = await connect(hostname, Number(port) || (protocol === 'smtps:' ? 465 : 587));
  if (failure !== undefined)
    return problem(check, `cannot be reached (${failure})`, 'Start it, or correct SMTP_URL: codes and notices wait.');
  return protocol === 'smtps:' ? ok(check, 'accepts connections') : note(check, 'accepts connections, in clear unless it offers STARTTLS');
}

function connect(host: string, port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const done = (failure?: string) => {
      socket.destroy();
      resolve(failure);
    };
    const socket = net.connect({ host, port, timeout: CONNECT_MS });
    socket
      .once('connect', () => done())
      .once('timeout', () => done('no answer in time'))
      .once('error', (error) => done(codeOf(error)));
  });
}

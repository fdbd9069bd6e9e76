import type { CloudEvent, EventData, Related } from '@attesta/events';
import { coversSource, subjectKind } from '@attesta/events';
import { IntakeMacSigner, PersonalEncryptor, subjectRef } from '@attesta/vault';
import type { Authenticated, IntakeMacKeys, IntakePublicKey } from '@attesta/vault';
import type { EventTransport } from './client.js';
import { AttestaError } from './errors.js';
import type { TokenSource } from './http-transport.js';

/** Sends CloudEvents to the intake topic and resolves when they are durable, as '@attesta/transport' `KafkaPublisher` does. */
export interface IntakePublisher {
  publish(events: readonly CloudEvent[], signer?: { sign(source: string, record: Authenticated): string }): Promise<void>;
}

/** The ledger's intake key, and the keys of the caller's own source prefixes: the latter are secret. */
export interface IntakeKeys extends IntakePublicKey {
  mac?: IntakeMacKeys;
}

export interface KafkaIntakeOptions {
  publisher: IntakePublisher;
  /** The deployment's pepper, shared with the ledger: refs made with another find nobody. */
  pepper: Uint8Array;
  /** As `GET /v1/intake-key` answers; with the keys in it, events are signed as the ledger requires. `intakeKeys` for a process that runs on and on. */
  intakeKey: IntakeKeys | IntakeKeySource;
}

/** Asked for each batch. The same object for as long as the keys are the same. */
export type IntakeKeySource = () => Promise<IntakeKeys>;

/**
 * Publishing through Kafka: subjects become refs and personal parts are encrypted before anything leaves the process, since a
 * topic keeps what it is given. Receipts say `accepted`: sealing comes later, and a rejection is found at GET /v1/rejections.
 */
export function kafkaIntake({ publisher, pepper, intakeKey }: KafkaIntakeOptions): EventTransport {
  const source = typeof intakeKey === 'function' ? intakeKey : () => Promise.resolve(intakeKey);
  let latest: ({ keys: IntakeKeys } & ReturnType<typeof madeOf>) | undefined;
  return {
    async publish(events) {
      const keys = await source();
      if (latest?.keys !== keys) latest = { keys, ...madeOf(keys) };
      const { mac, encryptor, signer } = latest;
      const closed = events.map((event) => withoutClear(event, pepper, encryptor));
      for (const { source } of closed) if (mac && !mac.keys.some(({ prefix }) => coversSource(prefix, source))) throw notYours(source);
      try {
        await publisher.publish(closed, signer);
      } catch (cause) {
        throw new AttestaError('Kafka did not take all events; publish them again under the same ids.', { cause });
      }
      return closed.map(({ id, source }) => ({ id, source, status: 'accepted' as const }));
    },
  };
}

function madeOf({ mac, ...publicKey }: IntakeKeys) {
  return { mac, encryptor: new PersonalEncryptor(publicKey), signer: mac && signerOf(mac) };
}

/** The event as it may stand in a topic. @throws AttestaError when an identifier cannot be normalised, or personal values come without a subject */
export function withoutClear(event: CloudEvent, pepper: Uint8Array, encryptor: PersonalEncryptor): CloudEvent {
  const { personal, related, ...data } = event.data;
  const seal = (part: EventData['personal'], subject: string | undefined) => {
    if (part === undefined || typeof part === 'string') return part;
    if (subject === undefined) throw new AttestaError('An event with a personal part needs a subject to encrypt it for.');
    return encryptor.encrypt(part, { source: event.source, id: event.id, subject });
  };
  const subject = event.subject === undefined ? undefined : refOf(event.subject, pepper);
  const own = seal(personal, subject);
  const others = related?.map(({ personal: part, ...person }): Related => {
    const ref = refOf(person.subject, pepper);
    const theirs = seal(part, ref);
    return { ...person, subject: ref, ...(theirs !== undefined && { personal: theirs }) };
  });
  return {
    ...event,
    ...(subject !== undefined && { subject }),
    data: { ...data, ...(own !== undefined && { personal: own }), ...(others && { related: others }) },
  };
}

function refOf(subject: string, pepper: Uint8Array): string {
  if (subjectKind(subject) !== 'clear') return subject;
  const bar = subject.indexOf('|');
  try {
    return subjectRef(pepper, subject.slice(0, bar), subject.slice(bar + 1));
  } catch (cause) {
    throw new AttestaError(cause instanceof Error ? cause.message : 'The identifier cannot be normalised.', { cause });
  }
}

/** A ledger that does not answer must not hold up those who have its keys already. */
const PATIENCE_MS = 5_000;

/**
 * The key personal parts are encrypted to, and those that say who speaks; they change when the ledger rotates them, so fetch them at every start.
 * The ledger gives keys for the sources in the token.
 */
export async function fetchIntakeKey(url: string, options: { fetch?: typeof fetch; token?: string } = {}): Promise<IntakeKeys> {
  const headers: Record<string, string> = options.token === undefined ? {} : { Authorization: `Bearer ${options.token}` };
  const response = await (options.fetch ?? fetch)(`${url.replace(/\/+$/, '')}/v1/intake-key`, {
    headers,
    redirect: 'error',
    signal: AbortSignal.timeout(PATIENCE_MS),
  });
  const key = (await response.json().catch(() => undefined)) as Partial<IntakeKeys> | undefined;
  if (!response.ok || key?.kty !== 'OKP' || key.crv !== 'X25519' || typeof key.x !== 'string') {
    throw new AttestaError('The ledger did not answer with its intake key.', { status: response.status });
  }
  return key as IntakeKeys;
}

export interface IntakeKeysOptions {
  /** Base URL of the ledger. */
  url: string;
  token: TokenSource;
  fetch?: typeof fetch;
  /** Milliseconds since the epoch. */
  now?: () => number;
}

/** Rotated keys are taken up within this time; the ledger takes the earlier ones much longer. */
const FRESH_MS = 5 * 60_000;

/**
 * The ledger's keys for a process that runs on and on: fetched when they are first needed, and now and then again; while the ledger is away, those there
 * are. @throws AttestaError when there are none, or none to sign with
 */
export function intakeKeys({ url, token, fetch, now = Date.now }: IntakeKeysOptions): IntakeKeySource {
  let known: { keys: IntakeKeys; at: number } | undefined;
  return async () => {
    if (known && now() - known.at < FRESH_MS) return known.keys;
    try {
      const keys = await fetchIntakeKey(url, { token: await token(), ...(fetch && { fetch }) });
      if (!keys.mac?.keys.length) throw new AttestaError('The ledger gave no key to sign with: the token names no source.');
      known = { keys, at: now() };
    } catch (error) {
      if (!known) throw error;
    }
    return known.keys;
  };
}

/** Signs for a process that runs on and on, such as a relay. */
export function intakeSigner(options: IntakeKeysOptions) {
  const source = intakeKeys(options);
  let latest: { keys: IntakeKeys; signer: ReturnType<typeof signerOf> } | undefined;
  return {
    async ready(): Promise<void> {
      const keys = await source();
      if (latest?.keys !== keys) latest = { keys, signer: signerOf(keys.mac!) };
    },
    sign(source: string, record: Authenticated): string {
      if (!latest) throw new AttestaError('Nothing can be signed before the keys are there; await ready().');
      return latest.signer.sign(source, record);
    },
  };
}

function signerOf(mac: IntakeMacKeys) {
  const signer = new IntakeMacSigner(mac);
  return {
    sign(source: string, record: Authenticated): string {
      const header = signer.sign(source, record);
      if (header === undefined) throw notYours(source);
      return header;
    },
  };
}

const notYours = (source: string) =>
  new AttestaError(
    `The token of this publisher does not name the source ${source} among those it may speak for; have the operator add it.`,
  );

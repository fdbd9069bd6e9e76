import type { CloudEvent, EventData, Related } from '@attesta/events';
import { subjectKind } from '@attesta/events';
import { PersonalEncryptor, subjectRef } from '@attesta/vault';
import type { IntakePublicKey } from '@attesta/vault';
import type { EventTransport } from './client.js';
import { AttestaError } from './errors.js';

/** Sends CloudEvents to the intake topic and resolves when they are durable, as '@attesta/transport' `KafkaPublisher` does. */
export interface IntakePublisher {
  publish(events: readonly CloudEvent[]): Promise<void>;
}

export interface KafkaIntakeOptions {
  publisher: IntakePublisher;
  /** The deployment's pepper, shared with the ledger: refs made with another find nobody. */
  pepper: Uint8Array;
  /** The ledger's intake key, as `GET /v1/intake-key` answers it (`fetchIntakeKey`). */
  intakeKey: IntakePublicKey;
}

/**
 * Publishing through Kafka: subjects become refs and personal parts are encrypted before anything leaves the process, since a
 * topic keeps what it is given. Receipts say `accepted`: sealing comes later, and a rejection is found at GET /v1/rejections.
 */
export function kafkaIntake({ publisher, pepper, intakeKey }: KafkaIntakeOptions): EventTransport {
  const encryptor = new PersonalEncryptor(intakeKey);
  return {
    async publish(events) {
      const closed = events.map((event) => withoutClear(event, pepper, encryptor));
      try {
        await publisher.publish(closed);
      } catch (cause) {
        throw new AttestaError('Kafka did not take all events; publish them again under the same ids.', { cause });
      }
      return closed.map(({ id, source }) => ({ id, source, status: 'accepted' as const }));
    },
  };
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

/** The key personal parts are encrypted to; it changes when the ledger rotates it, so fetch it at every start. */
export async function fetchIntakeKey(url: string, options: { fetch?: typeof fetch; token?: string } = {}): Promise<IntakePublicKey> {
  const headers: Record<string, string> = options.token === undefined ? {} : { Authorization: `Bearer ${options.token}` };
  const response = await (options.fetch ?? fetch)(`${url.replace(/\/+$/, '')}/v1/intake-key`, { headers, redirect: 'error' });
  const key = (await response.json().catch(() => undefined)) as Partial<IntakePublicKey> | undefined;
  if (!response.ok || key?.kty !== 'OKP' || key.crv !== 'X25519' || typeof key.x !== 'string') {
    throw new AttestaError('The ledger did not answer with its intake key.', { status: response.status });
  }
  return key as IntakePublicKey;
}

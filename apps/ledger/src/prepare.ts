import { hash } from 'node:crypto';
import { events, parseEvent, subjectKind, type CloudEvent, type FieldProblem, type PersonalPart, type Related } from '@attesta/events';
import { frame, UNFENCED, type Draft } from '@attesta/event-log';
import { checkEvent, noticeText, type Policy } from '@attesta/policy';
import { quote } from '@attesta/proof';
import { IntakeKeyError, normalise, refOf, type IntakeKey, type Subject, type Vault, type Wanted } from '@attesta/vault';
import { personalDataInClear } from './clear-personal-data.js';

export type Channel = 'http' | 'kafka' | 'internal';

/** Who brought an event, and how far their word goes. */
export interface Sender {
  channel: Channel;
  /** Pseudonymous caller, recorded as actor where the event names none. */
  principal?: string | undefined;
  /** Whether the caller may speak for a CloudEvents source; absent = any. */
  maySpeakFor?: (source: string) => boolean;
  /** traceparent of the request that brought the event. */
  trace?: string | undefined;
}

/** Somebody an event is about, with the values it brings about them, by retention class. */
interface About {
  who: string;
  field: string;
  role: string | undefined;
  personal: Map<string, PersonalPart>;
}

/** A checked event: only the people in it remain to be found. */
export interface Checked {
  event: CloudEvent;
  abouts: About[];
}

export type Verdict<T> = { ok: true; value: T } | { ok: false; problems: FieldProblem[]; id?: string; source?: string; type?: string };

/** What a draft needs besides its way back, and what it was made of. */
export interface Prepared extends Omit<Draft, 'settle'> {
  checked: Checked;
  sender: Sender;
  /** Whom `checked.abouts` turned out to be. */
  people: readonly Subject[];
}

/** What opens and names what comes in. */
export interface IntakeSecrets {
  pepper: Buffer;
  intakeKey: IntakeKey;
}

/** The first half: everything that can be said of an event without asking who the people in it are. Pure but for the keys. */
export function check(input: unknown, sender: Sender, now: Date, policy: Policy, { pepper, intakeKey }: IntakeSecrets): Verdict<Checked> {
  const parsed = parseEvent(input, { now });
  if (!parsed.ok) return parsed;
  let { event } = parsed;
  const refuse = (problems: FieldProblem[]): Verdict<Checked> => ({
    ok: false,
    problems,
    id: event.id,
    source: event.source,
    type: event.type,
  });
  if (sender.maySpeakFor && !sender.maySpeakFor(event.source)) {
    return refuse([
      {
        field: '/source',
        code: 'source-not-allowed',
        message: 'Your token does not name this source among those you may speak for.',
        fix: 'Publish under one of the sources your token lists, or have the operator add this one.',
      },
    ]);
  }
  const claimed = isOwnSource(event.source) ? undefined : claimedDecision(event, policy);
  if (claimed) return refuse([claimed]);
  const unsealed = openPersonalParts(event, sender, intakeKey);
  if (!unsealed.ok) return refuse(unsealed.problems);
  event = unsealed.value;
  if (event.actor === undefined && sender.principal !== undefined) event = { ...event, actor: sender.principal };

  const problems = checkEvent(policy, event);
  const abouts: About[] = [];
  if (event.subject !== undefined)
    addAbout(
      abouts,
      problems,
      sender,
      pepper,
      policy,
      '/subject',
      event.subject,
      undefined,
      event.data.personal as PersonalPart | undefined,
    );
  else if (event.data.personal !== undefined) {
    problems.push({
      field: '/data/personal',
      code: 'personal-without-subject',
      message: 'Personal values were sent, but the event does not say whose they are.',
      fix: 'Name the person in "subject".',
    });
  }
  for (const [i, related] of (event.data.related ?? []).entries()) {
    addAbout(
      abouts,
      problems,
      sender,
      pepper,
      policy,
      `/data/related/${i}/subject`,
      related.subject,
      related.role,
      related.personal as PersonalPart | undefined,
    );
  }
  return problems.length > 0 ? refuse(problems) : { ok: true, value: { event, abouts } };
}

/** Whom the second half needs in memory. */
export const wantedBy = ({ abouts }: Checked): Wanted[] => abouts.map(({ who, personal }) => ({ who, classes: [...personal.keys()] }));

/**
 * The second half: encrypts, canonicalises and digests. Undefined while somebody is not in memory: `vault.ensure(wantedBy(checked))`.
 * @param fence the log's, as the vault's memory knows it at this moment
 */
export function prepare(checked: Checked, vault: Vault, sender: Sender, fence: number): Verdict<Prepared> | undefined {
  const { event, abouts } = checked;
  const subjects: Subject[] = [];
  for (const { who, personal } of abouts) {
    const subject = vault.cached(who, [...personal.keys()]);
    if (!subject) return undefined;
    subjects.push(subject);
  }
  const { id, source, type } = event;
  const parts: string[] = [];
  const ciphertexts: Buffer[] = [];
  let nonces = '';
  for (const [i, { personal }] of abouts.entries()) {
    for (const [retentionClass, values] of personal) {
      const { part, ciphertext } = vault.seal(subjects[i]!, retentionClass, { source, id, type }, values);
      parts.push(
        `{"alg":"A256GCM","key":${quote(part.key)},"nonce":"${part.nonce}","sha256":"${part.sha256}","subject":"${part.subject}"}`,
      );
      ciphertexts.push(ciphertext);
      nonces += part.nonce;
    }
  }
  const firstRelated = event.subject === undefined ? 0 : 1;
  const related = event.data.related?.map(({ role }, i) => ({
    subject: subjects[firstRelated + i]!.id,
    ...(role !== undefined && { role }),
  }));
  const data = events.get(type)!.canonicalData(related ? { ...event.data, related } : event.data);
  const problems = personalDataInClear({ id, source, actor: event.actor }, data);
  if (problems.length > 0) return { ok: false, problems, type };

  const subject = firstRelated === 1 ? subjects[0]! : undefined;
  const quotedId = quote(id);
  const quotedSource = quote(source);
  return {
    ok: true,
    value: {
      key: keyOf(source, id),
      content: hash('sha256', `${type}\n${event.time}\n${subject?.raw ?? ''}\n${nonces}\n${data}`, 'binary').slice(0, 16),
      before: `{${event.actor === undefined ? '' : `"actor":${quote(event.actor)},`}"data":${data},"id":${quotedId},"recordedAt":"`,
      middle: `"${parts.length === 0 ? '' : `,"sealed":[${parts.join(',')}]`},"source":${quotedSource}`,
      after: `,"time":"${event.time}","type":"${type}","v":1}`,
      subject: subject && { id: subject.id, raw: subject.raw },
      cipher: ciphertexts.length === 0 ? null : frame(ciphertexts),
      trace: event.traceparent ?? sender.trace ?? null,
      fence: ciphertexts.length === 0 ? UNFENCED : fence,
      checked,
      sender,
      people: subjects,
    },
  };
}

/** Problems of people who cannot be written about: unknown subject ids, and values for somebody who was forgotten. */
export function unresolved({ abouts }: Checked, vault: Vault): FieldProblem[] {
  return abouts.flatMap(({ who, field, personal }) => {
    const subject = vault.cached(who, []);
    if (!subject) {
      return [
        {
          field,
          code: 'unknown-subject',
          message: 'There is no such subject.',
          fix: 'Send scheme|value or a subject ref; subject ids come from the ledger.',
        },
      ];
    }
    if (!subject.forgotten || personal.size === 0) return [];
    return [
      {
        field,
        code: 'subject-forgotten',
        message: 'This person was forgotten: no more personal values can be kept under this id.',
        fix: 'If they came back, report them by their identifier.',
      },
    ];
  });
}

const UUID_V7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/** 16 bytes that stand for (source, id); the time bytes of a UUIDv7 lead, so that inserts stay local in the index. */
export function keyOf(source: string, id: string): string {
  const digest = hash('sha256', `${source}\0${id}`, 'binary');
  if (!UUID_V7.test(id)) return digest.slice(0, 16);
  return Buffer.from(id.slice(0, 8) + id.slice(9, 13), 'hex').toString('latin1') + digest.slice(0, 10);
}

/** Personal parts that came encrypted to the intake key are opened and checked like any other; in clear they may come over HTTP alone. */
function openPersonalParts(event: CloudEvent, sender: Sender, intakeKey: IntakeKey): Verdict<CloudEvent> {
  const problems: FieldProblem[] = [];
  let opened = false;
  const open = (personal: PersonalPart | string | undefined, subject: string | undefined, field: string): PersonalPart | undefined => {
    if (typeof personal === 'string') {
      try {
        opened = true;
        return intakeKey.decrypt(personal, { source: event.source, id: event.id, subject: subject ?? '' }) as PersonalPart;
      } catch (error) {
        if (!(error instanceof IntakeKeyError)) throw error;
        problems.push({
          field,
          code: 'personal-not-readable',
          message: `The encrypted personal part cannot be used: ${error.message}.`,
          fix: 'Encrypt it with the SDK, to the key at GET /v1/intake-key.',
        });
        return undefined;
      }
    }
    if (personal !== undefined && sender.channel === 'kafka') {
      problems.push({
        field,
        code: 'personal-in-clear',
        message: 'Personal values came in clear over Kafka, where they would stay in the topic.',
        fix: 'Encrypt them with the SDK, to the key at GET /v1/intake-key.',
      });
    }
    return personal;
  };
  const { personal, related } = event.data;
  const mine = open(personal, event.subject, '/data/personal');
  const theirs = related?.map((one, i): Related => {
    const values = open(one.personal, one.subject, `/data/related/${i}/personal`);
    return values === undefined ? one : { ...one, personal: values };
  });
  if (problems.length > 0) return { ok: false, problems };
  if (!opened) return { ok: true, value: event };
  const data = { ...event.data, ...(mine !== undefined && { personal: mine }), ...(theirs && { related: theirs }) };
  const found = events.get(event.type)!.validate(data);
  return found.length > 0 ? { ok: false, problems: found } : { ok: true, value: { ...event, data } };
}

function addAbout(
  abouts: About[],
  problems: FieldProblem[],
  { channel }: Sender,
  pepper: Buffer,
  policy: Policy,
  field: string,
  subject: string,
  role: string | undefined,
  personal: PersonalPart | undefined,
): void {
  const who = resolveWho(subject, channel, pepper);
  if (typeof who !== 'string') {
    problems.push({ field, ...who });
    return;
  }
  const byClass = new Map<string, PersonalPart>();
  for (const [category, values] of Object.entries(personal ?? {})) {
    if (!policy.categories.has(category)) return; // reported by the policy check
    const retentionClass = policy.retentionClass(category);
    byClass.set(retentionClass, { ...byClass.get(retentionClass), [category]: values });
  }
  abouts.push({ who, field, role, personal: byClass });
}

/** A ref or an id stays; a clear identifier, which may come in an HTTP body alone, becomes its ref. */
export function resolveWho(subject: string, channel: Channel, pepper: Buffer): string | Omit<FieldProblem, 'field'> {
  if (subjectKind(subject) !== 'clear') return subject;
  if (channel === 'kafka') {
    return {
      code: 'subject-in-clear',
      message: 'The person is named in clear over Kafka, where it would stay in the topic.',
      fix: 'Send a subject ref; the SDK makes it.',
    };
  }
  const bar = subject.indexOf('|');
  const normal = normalise(subject.slice(0, bar), subject.slice(bar + 1));
  return normal.ok ? refOf(pepper, normal.identifier) : normal.problem;
}

/** Sources of Attesta's own services. Who may speak for one is in the token; over Kafka, in the record's MAC. */
const isOwnSource = (source: string): boolean => source.startsWith('//attesta/');

/** What only the service that decides may say. A notice that is registered may be posted by anybody: it says nothing new. */
function claimedDecision({ type, data }: CloudEvent, policy: Policy): FieldProblem | undefined {
  if (events.get(type)?.decision === true) {
    return {
      field: '/type',
      code: 'decision-not-yours',
      message: "Events of this type are decisions of Attesta's own services.",
      fix: 'Report what happened, or ask the service that decides: its routes are at /docs.',
    };
  }
  if (type !== 'attesta.notice.published.v1' || noticeText(policy, String(data.version), String(data.language))) return undefined;
  return {
    field: '/data/version',
    code: 'unregistered-notice',
    message: 'A new version of the notice is published by the data protection officer.',
    fix: 'Have it published with POST /v1/notices; then report that it was posted.',
  };
}

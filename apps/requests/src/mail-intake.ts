import { hash } from 'node:crypto';
import type { Problem } from '@attesta/service-kit';
import type pg from 'pg';
import type { Taken } from './intake.js';
import { meaningOf, type MailMeaning } from './mail-meaning.js';
import { ownWords } from './mail-own-words.js';
import { readMail, type ReadMail, type UnreadableMail } from './mail-reading.js';
import type { OpenRequest } from './request-store.js';
import type { Requests } from './requests.js';

/** What became of a mail. `read-by-hand`: a person has to look at it; it is kept. */
export interface MailOutcome {
  outcome: 'request' | 'answer' | 'read-by-hand' | 'automatic' | 'duplicate';
  request?: string;
}

/** The mailbox of the data protection officer (notice clauses 8.1-8.3): mails become requests, and answers to what was asked. */
export class MailIntake {
  constructor(
    private readonly requests: Requests,
    /** The authserv-ids of the company's own mail system: what they say of a sender is believed. */
    private readonly trustedServers: readonly string[] = [],
  ) {}

  /**
   * Takes a message as it came (RFC 5322), once whatever way it comes. Resolves when it is kept: whoever delivered it may forget it then.
   * @param automatic nobody waits for an answer to it (RFC 5321 section 4.5.5: it came from no address)
   */
  async take(raw: Buffer, automatic = false): Promise<MailOutcome> {
    const { pool } = this.requests;
    const mail = await readMail(raw, { trustedServers: this.trustedServers });
    const id = identityOf(mail);
    const { rows } = await pool.query<{ outcome: string }>('select outcome from mail where id = $1', [id]);
    if (rows.length > 0) return { outcome: 'duplicate' };
    const { kek, box } = await this.requests.strongbox.seal(id, raw);
    const taken = await this.understood(mail, id, automatic);
    await pool.query(
      'insert into mail (id, request, received_at, kek, box, outcome) values ($1, $2, $3, $4, $5, $6) on conflict do nothing',
      [id, taken.request ?? null, this.requests.now(), kek, box, taken.outcome],
    );
    return taken;
  }

  /** Mails that a person has to look at, oldest first. */
  async byHand(): Promise<{ mail: string; receivedAt: string }[]> {
    const { rows } = await this.requests.pool.query<{ id: string; received_at: Date }>(
      `select id, received_at from mail where outcome = 'read-by-hand' and box is not null order by received_at limit 500`,
    );
    return rows.map(({ id, received_at }) => ({ mail: id, receivedAt: received_at.toISOString() }));
  }

  /** Takes a message off that list. Without a request that was made of it nobody needs it any more; with one it goes when the request's person does. */
  async settle(id: string, request: string | undefined): Promise<'settled' | 'no-such-mail' | 'no-such-request'> {
    const { pool } = this.requests;
    if (request !== undefined) {
      const { rowCount } = await pool.query('select from request where id = $1', [request]);
      if (rowCount === 0) return 'no-such-request';
    }
    const { rowCount } = await pool.query(
      `update mail set outcome = 'settled', request = $2, kek = case when $2::uuid is not null then kek end, box = case when $2::uuid is not null then box end
        where id = $1 and outcome = 'read-by-hand'`,
      [id, request ?? null],
    );
    return rowCount === 0 ? 'no-such-mail' : 'settled';
  }

  async raw(id: string): Promise<Buffer | undefined> {
    const { rows } = await this.requests.pool.query<{ kek: string | null; box: Buffer | null }>('select kek, box from mail where id = $1', [
      id,
    ]);
    const found = rows[0];
    return found?.kek == null || found.box === null ? undefined : this.requests.strongbox.open(id, { kek: found.kek, box: found.box });
  }

  private async understood(mail: ReadMail | UnreadableMail, id: string, automatic: boolean): Promise<MailOutcome> {
    if (automatic) return { outcome: 'automatic' };
    if (!mail.readable) return { outcome: 'read-by-hand' };
    if (mail.autoSubmitted) return { outcome: 'automatic' };
    if (mail.from === undefined) return { outcome: 'read-by-hand' };
    const meaning = meaningOf(mail);
    if (meaning.kind === 'reply') return this.reply(mail, mail.from, id, meaning.reference);
    return { outcome: 'request', request: (await this.ask(mail, mail.from, id, meaning)).request };
  }

  /** Only the person's own address answers for them; a code in the answer proves who they are. */
  private async reply(mail: ReadMail, from: string, mailId: string, id: string): Promise<MailOutcome> {
    const named = this.requests.directory.named(`email|${from}`);
    const sender = (await this.requests.directory.idsOf([named])).get(named);
    // Not a code that is only quoted: whoever answers that they asked for nothing proves nothing.
    const code = /(?<!\d)\d{6}(?!\d)/.exec(ownWords(mail.text))?.[0];
    let known = false;
    if (code !== undefined) {
      await this.requests.identity.prove(id, code).then(
        () => (known = true),
        (error: unknown) => {
          if ((error as Partial<Problem>).slug === undefined) throw error; // a wrong code is an answer like any other
        },
      );
    }
    const kept = await this.requests
      .handle(id, undefined, async (request, tx) => {
        if (request.subject !== sender && !known) throw new NotTheirs();
        if (request.state.needs.includes('information')) request.decide({ kind: 'answer' }, undefined);
        await this.addText(tx, request, mail.text);
      })
      .then(
        () => true,
        (error: unknown) => {
          if (error instanceof NotTheirs || (error as Partial<Problem>).slug === 'no-such-request') return false;
          throw error;
        },
      );
    if (!kept) return { outcome: 'read-by-hand' };
    const meaning = meaningOf({ subject: '', text: mail.text });
    // What is clearly another request is one, besides being an answer.
    if (meaning.kind === 'withdrawal' || meaning.kind === 'request') await this.ask(mail, from, mailId, meaning);
    return { outcome: 'answer', request: id };
  }

  private ask(mail: ReadMail, from: string, id: string, meaning: Exclude<MailMeaning, { kind: 'reply' }>): Promise<Taken> {
    const { policy } = this.requests;
    const right = { withdrawal: 'consent-withdrawal', unclear: 'complaint', request: meaning.kind === 'request' ? meaning.right : '' }[
      meaning.kind
    ];
    const asked = meaning.kind === 'withdrawal' ? meaning : undefined;
    const purposes = asked?.all ? undefined : asked?.purposes?.filter((purpose) => policy.purposes.has(purpose));
    const unclear = QUESTIONS[meaning.kind === 'unclear' ? 'unclear' : right];
    return this.requests.intake.take({
      right,
      channel: 'email',
      subject: `email|${from}`,
      email: from,
      language: /\p{Script=Thai}/u.test(mail.text) ? 'th' : 'en',
      ...(purposes?.length && { purposes }),
      ...(asked?.channels && { channels: asked.channels }),
      text: `${mail.subject}\n\n${mail.text}`.slice(0, 20_000),
      cause: `mail\n${id}\n${right}`,
      // Stopping what goes to an address needs no more proof than the address; everything else does.
      ...(right === 'consent-withdrawal' && mail.authentication === 'pass' && { proved: { method: 'authenticated-email' as const } }),
      ...(unclear !== undefined && { unclear }),
    });
  }

  private async addText(tx: pg.PoolClient, request: OpenRequest, text: string): Promise<void> {
    const confidential = await this.requests.confidential(tx, request.id);
    if (!confidential) return;
    await this.requests.keepConfidential(tx, request.id, { ...confidential, texts: [...confidential.texts, text] });
  }
}

class NotTheirs extends Error {}

/** What has to be asked about a mail that says what is wanted and not all of it. */
const QUESTIONS: Record<string, string | undefined> = {
  unclear: 'What do you want us to do with your data?',
  rectification: 'Which data is wrong, and what is right?',
  restriction: 'Why should the use of your data be restricted?',
};

/** The same mail by another way has other headers; a sender may use a Message-ID twice. */
const identityOf = (mail: ReadMail | UnreadableMail): string =>
  mail.readable ? hash('sha256', [mail.messageId, mail.from, mail.subject, mail.text].join('\n'), 'hex') : mail.digest;

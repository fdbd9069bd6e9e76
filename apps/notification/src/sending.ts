import type { FieldProblem } from '@attesta/events';
import { endOfDuration } from '@attesta/policy';
import { Problem } from '@attesta/service-kit';
import type { MessageBody } from './bodies.js';
import { denial } from './hand-off.js';
import { messageId, type MessageRow, type NewMessage, type Status } from './messages.js';
import type { Notification } from './notification.js';
import { TemplateError, type Values } from './templates.js';

export interface Sent {
  id: string;
  /** Names it in the send log. */
  message: string;
  status: Status;
  /** Why it was suppressed. */
  reason: string | null;
  /** It was sent here before. */
  duplicate: boolean;
}

/** Takes messages of internal services: what may not be sent is refused with the reason at once, and all is asked again when it leaves. */
export class Sending {
  constructor(private readonly notification: Notification) {}

  /** @throws Problem 422 with everything that is wrong; 503 when nobody can say who the people are or whether it may be */
  async send(source: string, bodies: readonly MessageBody[]): Promise<{ messages: Sent[] }> {
    const { notification } = this;
    const problems = bodies.flatMap((body, i) => this.problemsOf(body, `/messages/${i}`));
    if (problems.length > 0) throw Problem.invalid(problems.slice(0, 20));
    const names = bodies.map(({ subject }, i) => notification.directory.named(subject, `/messages/${i}/subject`));
    const subjects = await notification.directory.idsOf(names, true);
    const wanted: NewMessage[] = [];
    for (const [i, body] of bodies.entries()) {
      const subject = subjects.get(names[i]!)!;
      const { template, channel, basis, language, id, values, sendAt } = body;
      wanted.push({
        template,
        recipient: 'subject',
        subject,
        channel,
        basis,
        language,
        cause: { source, id },
        body: {},
        personal: values,
        ...(sendAt !== undefined && { sendAt: new Date(sendAt) }),
      });
    }
    const ids = wanted.map(messageId);
    const fresh = await notification.transact(async (tx) => {
      const queued = new Set(await notification.messages.queue(tx, wanted));
      const { rows } = await tx.query<MessageRow>(
        `select * from message where id = any($1::uuid[]) and kind = 'marketing' and status = 'queued' for update`,
        [[...queued]],
      );
      const decisions = rows.length === 0 ? [] : await this.decide(rows);
      await notification.messages.suppress(
        tx,
        rows.flatMap((row, i) => (decisions[i]!.decision === 'denied' ? [{ row, why: denial(decisions[i]!) }] : [])),
      );
      return queued;
    });
    notification.wake();
    const { rows } = await notification.pool.query<{ id: string; status: Status; reason: string | null }>(
      'select id, status, reason from message where id = any($1::uuid[])',
      [ids],
    );
    const found = new Map(rows.map((row) => [row.id, row]));
    return {
      messages: ids.map((message, i) => ({
        id: bodies[i]!.id,
        message,
        status: found.get(message)?.status ?? 'suppressed',
        reason: found.get(message)?.reason ?? null,
        duplicate: !fresh.has(message),
      })),
    };
  }

  private async decide(rows: readonly MessageRow[]) {
    const { rules, options } = this.notification;
    try {
      return await options.decide(
        rows.map(({ subject, purpose, channel }) => ({
          subject: subject!,
          operation: 'use' as const,
          categories: [rules.addresses[channel!]!.category],
          purpose,
          channel: channel!,
        })),
      );
    } catch (cause) {
      options.onError?.(cause);
      throw Problem.unavailable(
        'Nobody can say now whether these people may be written to.',
        'Send the same again in a moment.',
        'consent-unavailable',
        1,
      );
    }
  }

  /** Written once on trial, so that whoever sends hears what is missing. */
  private problemsOf({ template, channel, values, basis, language = 'en', sendAt }: MessageBody, at: string): FieldProblem[] {
    const { notification } = this;
    const { kind, purpose, channels } = notification.templates.get(template)!;
    const problems: FieldProblem[] = [];
    if (kind === 'marketing' && channel === undefined)
      problems.push({
        field: `${at}/channel`,
        code: 'missing-field',
        message: 'marketing goes by a channel that the person chose',
        fix: 'name email or sms',
      });
    const { expiresAfter } = notification.rules;
    if (sendAt !== undefined && Date.parse(sendAt) > endOfDuration(notification.now().getTime(), expiresAfter))
      problems.push({
        field: `${at}/sendAt`,
        code: 'too-late',
        message: `is more than ${expiresAfter} from now`,
        fix: 'send it nearer to the time',
      });
    const { jurisdictions } = notification.policy.defaultController;
    if (basis !== undefined && !notification.policy.purposes.get(purpose)?.bases[jurisdictions[0]!]?.includes(basis))
      problems.push({
        field: `${at}/basis`,
        code: 'unknown-basis',
        message: 'is no basis that this purpose may rest on',
        fix: 'see GET /v1/purposes',
      });
    for (const one of channel === undefined ? channels : [channel]) {
      try {
        const { name } = notification.policy.defaultController;
        notification.templates.write(template, one, language, values as Values, {
          name,
          contact: name,
          ...(kind === 'marketing' && { unsubscribe: 'https://example.com/u' }),
        });
      } catch (error) {
        if (!(error instanceof TemplateError)) throw error;
        problems.push({
          field: `${at}/values`,
          code: 'bad-values',
          message: error.message,
          fix: 'see docs/messages.md for the fields of the template',
        });
        break;
      }
    }
    return problems;
  }
}

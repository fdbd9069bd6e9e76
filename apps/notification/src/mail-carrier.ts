import { MailNotSent, type MailSender } from '@attesta/mail';
import { takesNoMail } from './bounces.js';
import { NotCarried, type Carrier, type Letter } from './carrier.js';
import { returnPathOf, type ReturnPaths } from './return-path.js';

export interface MailCarrierOptions {
  /** Without it bounces go to the sender, where a person reads them. */
  returnPaths?: ReturnPaths | undefined;
  /** Asks systems that can to tell the return path of delivery too (RFC 3461): as many mails come back as go out. */
  receipts?: boolean | undefined;
}

/**
 * Carries messages by e-mail. SMTP cannot promise that a mail arrives once: where a server's answer is lost (`unsure`) it may have the mail
 * or not. One that is handed over again has the same Message-ID, by which mail systems that look for it show it once.
 */
export function mailCarrier(sender: MailSender, { returnPaths, receipts = false }: MailCarrierOptions = {}): Carrier {
  return {
    async send({ id, to, language, subject, text, html, unsubscribe }: Letter): Promise<void> {
      try {
        await sender.send({
          ...{ id, to, subject, text, headers: { 'content-language': language } },
          ...(html !== undefined && { html }),
          ...(unsubscribe !== undefined && { unsubscribe: { url: unsubscribe } }),
          ...(returnPaths && { returnPath: returnPathOf(id, returnPaths), receipt: receipts }),
        });
      } catch (error) {
        throw error instanceof MailNotSent ? notCarried(error) : error;
      }
    },
    close: () => sender.close(),
  };
}

function notCarried({ message, temporary, code, status, unsure }: MailNotSent): NotCarried {
  const said = [code, status].filter((part) => part !== undefined).join(' ');
  const detail = said ? `${message} (${said})` : message;
  return new NotCarried(detail, temporary ? 'unreachable' : 'refused', !temporary && takesNoMail(status), unsure);
}

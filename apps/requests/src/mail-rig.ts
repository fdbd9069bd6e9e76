import { createTransport } from 'nodemailer';
import type { Options } from 'nodemailer/lib/mailer';

/** A message as a mail client makes it. */
export async function composed(mail: Options): Promise<Buffer> {
  const transport = createTransport({ streamTransport: true, buffer: true, newline: 'windows' });
  const { message } = await transport.sendMail({ from: 'Somchai Jaidee <somchai@mail.example>', to: 'dpo@shop.example', ...mail });
  return message as Buffer;
}

/** A message line by line, for what no mail client makes. */
export const lines = (...all: string[]): Buffer => Buffer.from(all.join('\r\n'), 'latin1');

/** Thai text in the one-byte Thai character set (TIS-620; windows-874 for these characters): U+0E01 to U+0E5B are 0xA1 to 0xFB. */
export const tis620 = (text: string): string =>
  [...text].map((char) => (char >= '\u0e01' && char <= '\u0e5b' ? String.fromCharCode(char.charCodeAt(0) - 0xe01 + 0xa1) : char)).join('');

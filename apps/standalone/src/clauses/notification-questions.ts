import type { ReadMail } from '../mailbox.js';
import { collected } from './drafts.js';
import type { Stage } from './stage.js';

export interface Sent {
  messages: { id: string; message: string; status: string; reason: string | null }[];
}

export interface MessageView {
  id: string;
  status: string;
  reason: string | null;
  template: string;
  exposed: string[] | null;
}

/** Somebody with an e-mail address, and a telephone where that is asked. */
export async function reachable(stage: Stage, name: string, phone?: string): Promise<{ person: string; address: string }> {
  const person = stage.someone(name);
  const address = `${name}-${stage.name}@example.co.th`;
  await stage.sealedOne(
    collected(person, { categories: ['contact'], personal: { contact: { email: address, ...(phone !== undefined && { phone }) } } }),
  );
  return { person, address };
}

/** The mail of a kind that came for an address, once it is there. */
export const gotMail = (stage: Stage, address: string, is: (mail: ReadMail) => boolean = () => true): Promise<ReadMail> =>
  stage.eventually(`mail to somebody of ${stage.name}`, async () => (await stage.system.mailsTo(address)).find(is));

/** Sends a message as an internal service does. */
export const sent = async (
  stage: Stage,
  id: string,
  subject: string,
  more: Record<string, unknown> = {},
): Promise<Sent['messages'][number]> => {
  const message = { id, subject, template: 'announcement', channel: 'email', values: NEWS, ...more };
  return (await stage.post<Sent>('publisher', '/v1/messages', { source: stage.source, messages: [message] })).messages[0]!;
};

export const NEWS = { heading: 'A new clinic', body: 'It opens in May.' };

/** A message, once it has a status. */
export const became = (stage: Stage, message: string, status: string): Promise<MessageView> =>
  stage.eventually(`message ${status}`, async () => {
    const view = await stage.get<MessageView>('auditor', `/v1/messages/${message}`);
    return view.status === status ? view : undefined;
  });

import type { Policy } from '@attesta/policy';
import type { MessageRow } from './messages.js';

/** The page behind the link to stop: says nothing of the person, and asks for nothing. */
export function stopPage(policy: Policy, { purpose, channel }: Pick<MessageRow, 'purpose' | 'channel'>): string {
  const found = policy.purposes.get(purpose);
  const [en, th] = [found?.title ?? purpose, found?.title_th ?? found?.title ?? purpose];
  return page(
    'Stop messages',
    `<h1>Stop messages · <span lang="th">เลิกรับข้อความ</span></h1>
<p>${escaped(en)}</p>
<p lang="th">${escaped(th)}</p>
<form method="post"><button name="scope" value="channel">Stop these by ${escaped(channel ?? 'email')} · <span lang="th">เลิกรับทางช่องทางนี้</span></button></form>
<form method="post"><button name="scope" value="all">Stop all of them · <span lang="th">เลิกรับทุกช่องทาง</span></button></form>
<p>Messages that we have to send you, such as answers to your requests, still come.</p>
<p lang="th">ข้อความที่เรามีหน้าที่ต้องส่งถึงท่าน เช่น คำตอบต่อคำขอของท่าน จะยังคงส่งถึงท่าน</p>`,
  );
}

export const donePage = (): string =>
  page(
    'Stopped',
    `<h1>Stopped · <span lang="th">เลิกรับแล้ว</span></h1>
<p>You have withdrawn your consent. A message that was under way already may still arrive.</p>
<p lang="th">ท่านได้ถอนความยินยอมแล้ว ข้อความที่ส่งออกไปก่อนหน้านี้อาจยังมาถึงท่านได้</p>`,
  );

const page = (title: string, body: string): string => `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${title}</title>
<main>
${body}
</main>
</html>
`;

const escaped = (text: string): string => text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);

import assert from 'node:assert/strict';
import { strFromU8, unzipSync } from 'fflate';
import type { Stage } from './stage.js';

export interface Asked {
  request: string;
  status: string;
  needs: string[];
  due: string | null;
  consequences: { service: string; effect: string }[];
}

export interface RequestView {
  request: string;
  subject: string;
  right: string;
  status: string;
  needs: string[];
  due: string | null;
  lastDay: string | null;
  overdue: boolean;
  result: 'complete' | 'partial' | null;
  refused: { category: string; ground: string; law: string }[];
  survivors: { category: string; ground: string; law: string }[];
  tasks: { task: string; system: string; kind: string; categories: string[]; outcome: string | null }[];
}

interface Task {
  task: string;
  subject: string;
  kind: string;
  categories: string[];
  identifiers: { scheme: string; value: string }[];
}

/** A request as the data protection officer writes it down. */
export const requested = (stage: Stage, subject: string, right: string, more: Record<string, unknown> = {}): Promise<Asked> =>
  stage.post<Asked>('dpo', '/v1/requests', { subject, right, ...more });

/** The same by somebody who came with a document. */
export const requestedInPerson = (stage: Stage, subject: string, right: string, more: Record<string, unknown> = {}): Promise<Asked> =>
  requested(stage, subject, right, { channel: 'in-person', identity: { evidence: { kind: 'passport' } }, ...more });

export const carriedOut = (stage: Stage, request: string, command: string, body: Record<string, unknown> = {}): Promise<RequestView> =>
  stage.post<RequestView>('dpo', `/v1/requests/${request}/${command}`, body);

export const attested = (stage: Stage, request: string): Promise<RequestView> =>
  carriedOut(stage, request, 'identity/attest', { outcome: 'verified', evidence: { kind: 'passport' } });

export const looked = (stage: Stage, request: string): Promise<RequestView> => stage.get<RequestView>('auditor', `/v1/requests/${request}`);

export const ended = (stage: Stage, request: string): Promise<RequestView> =>
  stage.eventually('the request fulfilled', async () => {
    const view = await looked(stage, request);
    return view.status === 'fulfilled' ? view : undefined;
  });

/** Resolves when the requests service knows what was sealed up to a position. */
export const known = (stage: Stage, position: number): Promise<true> =>
  stage.eventually('the requests service follows', async () => {
    const progress = await stage.get<{ position: number; partitions: { position: number; lag?: number }[] }>(
      'auditor',
      '/ops/requests/progress',
    );
    return progress.partitions.every((one) => one.position >= position || one.lag === 0) || undefined;
  });

/** A system of this clause's own. @returns its id */
export async function connected(stage: Stage, kinds: string[], categories: string[]): Promise<string> {
  const id = stage.name;
  await stage.post('dpo', '/v1/systems', { id, title: 'A system of the clauses', source: stage.source, categories, kinds });
  return id;
}

/** Answers the tasks of a request: our own system's as given, those that other runs registered systems for by hand. */
export async function answered(
  stage: Stage,
  request: string,
  system: string,
  answer: (task: Task) => Record<string, unknown>,
): Promise<void> {
  for (const { task, system: asked, outcome } of (await looked(stage, request)).tasks) {
    if (outcome !== null) continue;
    if (asked === system) {
      const own = await stage.get<Task>('publisher', `/v1/fulfilment/tasks/${task}`);
      await stage.post('publisher', `/v1/fulfilment/tasks/${task}/answer`, { subject: own.subject, ...answer(own) });
    } else if (asked.startsWith('run')) {
      await carriedOut(stage, request, `tasks/${task}/settle`, { reason: 'A system that an earlier run left behind.' });
    }
  }
}

/** Draws the link of a package, opens it once, and sees that it opens no second time. @returns what `package.json` says */
export async function packageOf<Content>(stage: Stage, request: string): Promise<Content> {
  const { link } = await stage.post<{ link: string }>('dpo', `/v1/requests/${request}/package`, {});
  const { pathname } = new URL(link);
  assert.equal((await stage.system.http('dpo', 'GET', pathname)).status, 200, 'reading the page uses nothing up');
  const zip = await stage.system.http('dpo', 'POST', pathname);
  assert.equal(zip.status, 200, 'the link opens the package');
  assert.equal((await stage.system.http('dpo', 'POST', pathname)).status, 404, 'and does so once');
  const files = unzipSync(zip.body as Uint8Array);
  return JSON.parse(strFromU8(files['package.json'] ?? new Uint8Array())) as Content;
}

/** The message that is due because of what happened, once it is sealed. */
export const told = (stage: Stage, subject: string, template: string): Promise<{ event: number; data: Record<string, unknown> }> =>
  stage.eventually(`the message ${template}`, async () => {
    const found = await stage.said(subject, 'request.message-due');
    return found.data.template === template ? found : undefined;
  });

/** Hands a mail to the data protection officer's mailbox. */
export async function mailed(stage: Stage, from: string, subject: string, text: string): Promise<{ outcome: string; request?: string }> {
  const lines = [
    `From: ${from}`,
    'To: dpo@m-med.example',
    `Subject: ${subject}`,
    `Message-ID: <${stage.name}-${from.length}-${text.length}@mail.example>`,
    'Date: Mon, 02 Mar 2026 10:00:00 +0700',
    'MIME-Version: 1.0',
    'Content-Type: text/plain; charset=utf-8',
    '',
    text,
    '',
  ];
  const { status, body } = await stage.system.http('dpo', 'POST', '/v1/mail', new TextEncoder().encode(lines.join('\r\n')));
  assert.equal(status, 202, 'the mail is taken');
  return body as { outcome: string; request?: string };
}

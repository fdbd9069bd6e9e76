import assert from 'node:assert/strict';
import { certificateText, verifyCertificate, type DestructionCertificate } from '@attesta/disposal';
import type { EventTypes } from '@attesta/events';
import { LogReader, parseVerifierKey } from '@attesta/proof';
import { nodePrimitives } from '@attesta/proof/node';
import type { Draft } from '@attesta/sdk';
import type { Stage } from './stage.js';

export interface DisposalView {
  id: string;
  status: string;
  cause: string;
  request: string | null;
  waitsFor: string[];
  keys: string[];
  scope: string;
  positions: number[];
}

export interface HoldingRow {
  category: string;
  purpose: string;
  due: string | null;
  keptBy: { rule: string; ground: string; law: string; until: string | null }[];
  holds: { id: string; matter: string }[];
}

/** Something from which retention is counted, as a service reports it. */
export const happened = (
  subject: string,
  data: Omit<EventTypes['attesta.retention-trigger.recorded.v1'], 'state'>,
  time: string,
): Draft => ({ type: 'attesta.retention-trigger.recorded.v1', subject, data: { state: 'occurred', ...data }, time });

/** What is held of a person, once the retention service knows what was sealed. */
export async function holdings(stage: Stage, id: string, done: (rows: HoldingRow[]) => boolean): Promise<HoldingRow[]> {
  return stage.eventually('the inventory follows', async () => {
    const { data } = await stage.get<{ data: HoldingRow[] }>('auditor', `/v1/subjects/${id}/holdings?reason=clause+by+clause`);
    return done(data) ? data : undefined;
  });
}

/** A person's disposals, once there are as many as expected and all are completed. */
export const disposals = (stage: Stage, id: string, expected: number): Promise<DisposalView[]> =>
  stage.eventually(`${expected} disposals`, async () => {
    const { data } = await stage.get<{ data: DisposalView[] }>('auditor', `/v1/disposals?subject=${id}`);
    for (const { id: disposal, waitsFor } of data) if (waitsFor.includes('systems')) await settle(stage, disposal);
    return data.length >= expected && data.every(({ status }) => status === 'completed') ? data : undefined;
  });

/** A disposal, once it is completed and all of its events are known. */
export const disposed = (stage: Stage, id: string): Promise<DisposalView> =>
  stage.eventually('the disposal completed', async () => {
    const view = await stage.get<DisposalView>('auditor', `/v1/disposals/${id}`);
    if (view.waitsFor.includes('systems')) await settle(stage, id);
    if (view.status !== 'completed') return undefined;
    const { status } = await stage.system.http('auditor', 'GET', `/v1/disposals/${id}/certificate`);
    return status === 200 ? stage.get<DisposalView>('auditor', `/v1/disposals/${id}`) : undefined;
  });

/** The certificate of a disposal, verified as anybody would offline. */
export async function certified(stage: Stage, id: string): Promise<DestructionCertificate> {
  await disposed(stage, id);
  const certificate = await stage.get<DestructionCertificate>('auditor', `/v1/disposals/${id}/certificate`);
  const key = new TextDecoder().decode((await stage.system.http('auditor', 'GET', '/log/key')).body as Uint8Array).trim();
  const { problems } = verifyCertificate(certificateText(certificate), { primitives: nodePrimitives, verifierKey: key });
  assert.deepEqual(problems, [], 'the certificate verifies offline');
  return certificate;
}

/** What became of the values sealed at a position: open, removed, destroyed, missing. */
export async function valuesAt(stage: Stage, position: number): Promise<string[]> {
  const { parts } = await stage.post<{ parts: { status: string }[] }>('dpo', `/v1/entries/${position}/open`, {
    reason: 'Clause by clause',
  });
  return parts.map(({ status }) => status);
}

/** Events of one type, of whomever, from a position on: read from the log itself, which forgets nothing. */
export async function saidInLog(
  stage: Stage,
  type: string,
  from: number,
): Promise<{ event: number; subject: string | undefined; data: Record<string, unknown> }[]> {
  const reader = new LogReader(nodePrimitives, async (path) => {
    const { status, body } = await stage.system.http('auditor', 'GET', `/log/${path}`);
    assert.equal(status, 200, `the log answers for ${path}`);
    return body as Uint8Array;
  });
  const key = new TextDecoder().decode((await stage.system.http('auditor', 'GET', '/log/key')).body as Uint8Array).trim();
  const { checkpoint } = await reader.checkpoint([parseVerifierKey(key)]);
  const found: Awaited<ReturnType<typeof saidInLog>> = [];
  let event = from;
  for await (const { bytes } of reader.entries(from, checkpoint.size, checkpoint.size)) {
    const entry = JSON.parse(new TextDecoder().decode(bytes)) as { type: string; subject?: { id: string }; data: Record<string, unknown> };
    if (entry.type === `attesta.${type}.v1`) found.push({ event, subject: entry.subject?.id, data: entry.data });
    event++;
  }
  return found;
}

/** Systems that other runs registered do not answer: their part is settled by hand. */
async function settle(stage: Stage, disposal: string): Promise<void> {
  const { data } = await stage.get<{ data: { task: string; open?: boolean }[] }>('dpo', `/v1/disposal-tasks?disposal=${disposal}`);
  for (const { task } of data)
    await stage.system.http('dpo', 'POST', `/v1/disposal-tasks/${task}/settle`, { reason: 'A system that an earlier run left behind.' });
}

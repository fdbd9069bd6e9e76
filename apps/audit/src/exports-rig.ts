import type { Response } from 'supertest';
import { auditRig, collection, consent, disclosure, person, type AuditRig } from './audit-rig.js';
import { ExportWorker } from './exports-worker.js';
import type { ExportView } from './exports.js';
import { serveAudit, type Asking, type Http } from './search-rig.js';

export const [ANNA, BEN] = [person(1), person(2)] as const;

/** Exports as they are asked for over HTTP, of a log of three entries, with a clock that stands. */
export interface ExportDesk {
  rig: AuditRig;
  http: Http;
  clock: { now: number };
  order(body: object, role?: Asking): Promise<ExportView>;
  stateOf(id: string): Promise<ExportView>;
  /** Works until it has ended. */
  done(id: string): Promise<ExportView>;
  fileOf(id: string): Promise<{ bytes: Buffer; headers: Response['headers'] }>;
}

export async function exportDesk(): Promise<ExportDesk> {
  const clock = { now: Date.parse('2026-04-01T00:00:00Z') };
  const rig = await auditRig({ now: () => new Date(clock.now) });
  const http = await serveAudit(rig);
  await rig.report(collection(ANNA));
  await rig.report(disclosure(BEN, 'bank'));
  await rig.report(consent(BEN, 'given', ['marketing', 'analytics'], { reason: 'said "yes", twice' }));
  const stateOf = async (id: string) => (await http.get(`/v1/exports/${id}`, 'dpo').expect(200)).body as ExportView;
  return {
    rig,
    http,
    clock,
    stateOf,
    order: async (body, role = 'auditor') =>
      (await http.post('/v1/exports', { reason: 'case 12', ...body }, role).expect(202)).body as ExportView,
    async done(id) {
      for (;;) {
        await new ExportWorker(rig.audit).work();
        const job = await stateOf(id);
        if (job.state !== 'queued' && job.state !== 'running') return job;
        await new Promise(setImmediate);
      }
    },
    async fileOf(id) {
      const { body, headers } = await http.get(`/v1/exports/${id}/file`).buffer(true).parse(whole).expect(200);
      return { bytes: body as Buffer, headers };
    },
  };
}

function whole(stream: NodeJS.EventEmitter, end: (error: Error | null, body: Buffer) => void): void {
  const parts: Buffer[] = [];
  stream.on('data', (part: Buffer) => parts.push(part));
  stream.on('end', () => end(null, Buffer.concat(parts)));
}

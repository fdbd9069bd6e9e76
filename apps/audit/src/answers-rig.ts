import type { Happening } from '@attesta/testing';
import { person } from './audit-rig.js';

export const REQUEST = person(700);
export const DISPOSAL = person(800);
export const HOLD = person(850);

/** An event of a request, as the requests service says it. */
export const asked = (subject: string, event: string, data: Record<string, unknown> = {}, time?: string): Happening => ({
  type: `attesta.request.${event}.v1`,
  subject,
  source: '//attesta/requests',
  data: {
    request: REQUEST,
    ...(event === 'received' && { right: 'access', jurisdiction: 'th-pdpa', channel: 'form', language: 'en' }),
    ...data,
  },
  ...(time !== undefined && { time }),
});

/** An event of a disposal. */
export const disposing = (subject: string, event: string, data: Record<string, unknown> = {}, time?: string): Happening => ({
  type: `attesta.disposal.${event}.v1`,
  subject,
  source: '//attesta/retention',
  data: { disposal: DISPOSAL, ...data },
  ...(time !== undefined && { time }),
});

export const started = (subject: string, time?: string, data: Record<string, unknown> = {}): Happening =>
  disposing(
    subject,
    'started',
    {
      cause: 'schedule',
      action: 'destroy',
      rules: ['account-data'],
      categories: ['contact'],
      classes: ['contact'],
      collectedUntil: '2026-03-01T00:00:00.000Z',
      ...data,
    },
    time,
  );

export const held = (subject: string | undefined, placed: boolean, data: Record<string, unknown> = {}, time?: string): Happening => ({
  type: `attesta.hold.${placed ? 'placed' : 'released'}.v1`,
  ...(subject !== undefined && { subject }),
  source: '//attesta/retention',
  data: { hold: HOLD, matter: 'case-12', reason: 'a claim is before the court', ...data },
  ...(time !== undefined && { time }),
});

export const trigger = (subject: string | undefined, name: string, data: Record<string, unknown> = {}, time?: string): Happening => ({
  type: 'attesta.retention-trigger.recorded.v1',
  ...(subject !== undefined && { subject }),
  data: { trigger: name, state: 'occurred', ...data },
  ...(time !== undefined && { time }),
});

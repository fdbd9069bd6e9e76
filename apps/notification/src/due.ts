import type { Entry, EventTypes } from '@attesta/events';
import { noticePeriod, type Policy } from '@attesta/policy';

/** What goes into a template: nothing personal. Ids of the policy are written out in the reader's language when the message is. */
export type Body = Record<string, unknown>;

/** A message that an event makes due. The event and the template name it: whoever sees the event again makes no second one. */
export interface Due {
  template: string;
  recipient: 'subject' | 'officer';
  /** Whom it is to, or whom it is about. */
  subject?: string;
  request?: string;
  language?: string;
  body: Body;
}

/** Something the data protection officer is to know. */
export interface Alert {
  kind: string;
  severity: 'info' | 'warning' | 'violation';
  /** Told at once, instead of with others. */
  urgent: boolean;
  body: { title: string; reference?: string; detail?: string; position?: number; due?: string };
}

/** Something that everybody is told. */
export interface WaveDue {
  /** `notice:<version>` */
  wave: string;
  template: string;
  body: Body;
}

export interface DueOf {
  messages: Due[];
  alerts: Alert[];
  waves: WaveDue[];
}

type Data<T extends keyof EventTypes> = EventTypes[T];

/** What has to be told because of a sealed event (notice introduction, clauses 7.8, 8.3 to 8.6). */
export function dueOf({ type, subject, data }: Pick<Entry, 'type' | 'subject' | 'data'>, position: number, policy: Policy): DueOf {
  const nothing: DueOf = { messages: [], alerts: [], waves: [] };
  switch (type) {
    case 'attesta.request.message-due.v1':
      return { ...nothing, ...ofRequest(data as Data<typeof type>, subject!.id, position) };
    case 'attesta.consequences.communicated.v1': {
      const { purposes, services } = data as Data<typeof type>;
      if (services.length === 0) return nothing;
      return {
        ...nothing,
        messages: [{ template: 'consequences', recipient: 'subject', subject: subject!.id, body: { purposes, services } }],
      };
    }
    case 'attesta.notice.published.v1':
      return { ...nothing, waves: ofNotice(data as Data<typeof type>, policy) };
    case 'attesta.finding.raised.v1': {
      const { finding, rule, severity, clause, explanation, positions } = data as Data<typeof type>;
      const title = `${rule}${clause === undefined ? '' : ` (clause ${clause})`}`;
      const body = { title, reference: finding, detail: explanation, position: positions[0] ?? position };
      return { ...nothing, alerts: severity === 'info' ? [] : [{ kind: 'finding', severity, urgent: false, body }] };
    }
    case 'attesta.disposal.task-stuck.v1': {
      const { disposal, system, reason } = data as Data<typeof type>;
      const body = { title: `A system is late with its part of a disposal: ${system}`, reference: disposal, detail: reason, position };
      return { ...nothing, alerts: [{ kind: 'system-late', severity: 'warning', urgent: false, body }] };
    }
    default:
      return nothing;
  }
}

const OFFICER: Readonly<Record<string, { title: string; severity: Alert['severity'] }>> = {
  'deadline-near': { title: 'The deadline of a request comes near', severity: 'warning' },
  'deadline-missed': { title: 'The deadline of a request was missed', severity: 'violation' },
  'system-late': { title: 'A system is late with its part of a request', severity: 'warning' },
};

function ofRequest(
  { request, template, to, language, cause: _cause, ...body }: Data<'attesta.request.message-due.v1'>,
  subject: string,
  position: number,
): Partial<DueOf> {
  if (to === 'subject') return { messages: [{ template: `request-${template}`, recipient: 'subject', subject, request, language, body }] };
  const { title, severity } = OFFICER[template] ?? { title: template, severity: 'info' };
  const { due } = body;
  return {
    alerts: [{ kind: template, severity, urgent: false, body: { title, reference: request, position, ...(due !== undefined && { due }) } }],
  };
}

/** The first notice of all changes nothing that anybody was told before. Texts of one version in several languages are one change. */
function ofNotice({ version, effectiveAt, uri, changes, purposes }: Data<'attesta.notice.published.v1'>, policy: Policy): WaveDue[] {
  const from = noticePeriod(policy, version)?.from ?? Infinity;
  const isFirst = ![...policy.notices.keys()].some((other) => other !== version && (noticePeriod(policy, other)?.from ?? Infinity) <= from);
  if (isFirst) return [];
  const body = {
    version,
    effective: effectiveAt,
    ...(uri !== undefined && { url: uri }),
    ...(changes !== undefined && { changes }),
    ...(purposes && { purposes }),
  };
  return [{ wave: `notice:${version}`, template: 'notice-changed', body }];
}

/** Templates after which a request is over: its last word. */
export const LAST_WORDS: readonly string[] = ['request-fulfilled', 'request-package-ready', 'request-refused', 'request-closed'];

import { uuidOf, type NewEvent } from '@attesta/event-log';
import type { EventTypes } from '@attesta/events';
import { whatOf, type MessageRow } from './messages.js';
import type { MessageChannel, Written } from './templates.js';

/** A message that may leave now. `row.channel` is the one it goes by. */
export interface Ready {
  row: MessageRow;
  channel: MessageChannel;
  to: string;
  /** Keyed digest of the address. */
  ref: string | undefined;
  written: Written;
  consent?: number | undefined;
}

/** What is said of a message that left; of some templates, besides, what telling it means. */
export function handedOff({ row, channel, written, consent }: Ready, templateVersion: string): NewEvent[] {
  const common = { time: row.handed_off_at!.toISOString(), ...(row.subject !== null && { subject: row.subject }) };
  const event: NewEvent = {
    id: uuidOf(`handed-off\n${row.id}`),
    type: 'attesta.message.handed-off.v1',
    ...common,
    data: {
      ...whatOf(row),
      templateVersion,
      language: written.language,
      fields: written.fields,
      exposed: written.exposed,
      queuedAt: row.queued_at.toISOString(),
      attempts: row.attempts,
      ...(consent !== undefined && { consent }),
    },
  };
  const told = communicated(row, channel, written);
  return told ? [event, { id: uuidOf(`communicated\n${row.id}`), type: 'attesta.notice.communicated.v1', ...common, data: told }] : [event];
}

/** That a notice reached the person (notice introduction, clause 1.6). */
function communicated(
  { template, body, wave }: MessageRow,
  channel: MessageChannel,
  { language }: Written,
): EventTypes['attesta.notice.communicated.v1'] | undefined {
  const by = { language, channel: channel === 'sms' ? ('phone' as const) : channel, template };
  if (template === 'notice-changed') return { version: wave!.slice('notice:'.length), about: 'notice', ...by };
  if (template !== 'third-party-source') return undefined;
  const { positions, version } = body as { positions: number[]; version: string };
  return { version, about: 'third-party-source', covers: positions, ...by };
}

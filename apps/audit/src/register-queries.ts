import { Id, OneOf, Optional, OptionalReason, Reason, Time, Whole } from '@attesta/service-kit';
import { IsUUID } from 'class-validator';
import { ListQuery } from './queries.js';

const Subject = () => Optional({ description: 'Subject id; needs a reason, and the look is recorded' }, IsUUID());
const AsOf = () => Whole({ description: 'The registers as they stood at this position of the log; the newest without it' });

class SubjectQuery extends ListQuery {
  @Subject() subject?: string;
  @OptionalReason() reason?: string;
}

class SubjectPeriodQuery extends SubjectQuery {
  @Time('Happened at or after (RFC 3339)') from?: string;
  @Time('Happened before (RFC 3339)') to?: string;
}

const CHOICES = ['given', 'refused', 'withdrawn', 'requested', 'deferred'] as const;

export class ConsentsQuery extends SubjectPeriodQuery {
  @Id() purpose?: string;
  @OneOf(CHOICES) status?: string;
  @Id() method?: string;
}

const STATUSES = [
  'initiated',
  'acknowledged',
  'requires-action',
  'action-performed',
  'accepted',
  'rejected',
  'fulfilled',
  'unfulfilled',
] as const;

export class RequestsQuery extends SubjectQuery {
  @Time('The instant that lateness is counted to, and after which nothing counts (RFC 3339); now without it') at?: string;
  @Id('Right of the policy') right?: string;
  @OneOf(STATUSES) status?: (typeof STATUSES)[number];
  @OneOf(['open', 'ended']) state?: 'open' | 'ended';
  @OneOf(['true', 'false'], { description: 'Open, and past its deadline' }) overdue?: 'true' | 'false';
  @Optional({ description: 'Id of a request' }, IsUUID()) request?: string;
}

export class DisposalsQuery extends SubjectPeriodQuery {
  @OneOf(['open', 'completed', 'abandoned']) state?: 'open' | 'completed' | 'abandoned';
  @OneOf(['schedule', 'erasure-request', 'minor', 'review']) cause?: string;
  @Optional({ description: 'Id of a disposal' }, IsUUID()) disposal?: string;
}

export class HoldsQuery extends SubjectQuery {
  @OneOf(['standing', 'released']) state?: 'standing' | 'released';
}

export class PersonQuery {
  @AsOf() as_of?: number;
  @Reason() reason!: string;
}

export class ConsentStatesQuery extends PersonQuery {
  @Time('What had happened by then (RFC 3339); now without it') happened_at?: string;
  @Time('As far as it was sealed by then (RFC 3339); now without it') known_at?: string;
}

export const ACTIVITY_FORMATS = ['json', 'csv', 'html', 'pdf'] as const;

export class ProcessingActivitiesQuery {
  @OneOf(ACTIVITY_FORMATS, { default: 'json' }) format: (typeof ACTIVITY_FORMATS)[number] = 'json';
}

export class DashboardQuery {
  @Time('From the day of this time on, in UTC (RFC 3339); 90 days before `to` without it') from?: string;
  @Time('To the day of this time, in UTC (RFC 3339); today without it') to?: string;
  @OneOf(['day', 'week', 'month'], { default: 'day' }) by: 'day' | 'week' | 'month' = 'day';
}

/**
 * Every metric there is, with what it says. Names follow Prometheus: `attesta_`, the thing, the base unit; `_total` for what only grows.
 * Gauges are read when somebody scrapes; several replicas of a service tell the same, so aggregate them with max and not with sum, but where it says "here".
 */
export const GAUGES = {
  attesta_log_entries: 'Entries in the sealed log',
  attesta_log_unsigned_entries: 'Entries sealed that no signed checkpoint covers yet',
  attesta_log_unsigned_age_seconds: 'How long the oldest of them has been there; 0 without any',
  attesta_checkpoint_age_seconds: 'Since the newest checkpoint was signed; grows while nothing is sealed',
  attesta_log_witnessed_age_seconds: 'Since enough witnesses signed a checkpoint, or were first asked to; only where witnesses are asked',
  attesta_witnesses_contradicting:
    'Witnesses that signed more of this log than there is, or another history of it; told by the ledger that asks them',
  attesta_intake_queued_events: 'Events taken in here and not yet settled',
  attesta_rejections: 'Events refused and kept',
  attesta_outbox_waiting_events: 'What the service has said and the other side has not acknowledged',
  attesta_outbox_age_seconds: 'How long the oldest of it has been waiting; 0 without any',
  attesta_outbox_refused_events: 'What the service has said and the ledger refused',
  attesta_feed_applied_entries: 'Entries of the log that the service has applied in all partitions',
  attesta_feed_lag_entries: 'Entries that are still to be applied, as far as is known here',
  attesta_feed_parked_events: 'Events set aside because they, or earlier ones of their key, could not be applied',
  attesta_register_lag_entries: 'Entries under the newest checkpoint that the registers do not have',
  attesta_register_lag_seconds: 'How old the newest entry in the registers is while others wait; 0 when none do',
  attesta_integrity_problems: 'Problems found in the log and not gone since',
  attesta_integrity_verified_entries: 'Entries read as the ledger serves them, hashed, and found to lead to a signed root',
  attesta_integrity_look_age_seconds: 'Since the head of the log was last looked at',
  attesta_integrity_sweep_age_seconds: 'Since the last look at the whole log ended',
  attesta_findings_open: 'Findings raised and not resolved',
  attesta_requests_open: "Data subjects' requests under way",
  attesta_requests_overdue: 'Those whose legal deadline has passed',
  attesta_requests_due_in_seconds: 'Until the next legal deadline of an open request; negative once it has passed',
  attesta_request_tasks_open: 'Tasks that connected systems have not answered',
  attesta_request_tasks_late: 'Those whose time has passed',
  attesta_request_mail_waiting: 'Mail of requests not handed over yet',
  attesta_request_mail_failed: 'Mail of requests given up',
  attesta_withdrawals_unacknowledged: 'Withdrawals that some consumer has not acknowledged, counted once for each',
  attesta_withdrawal_age_seconds: 'How long the oldest of them has been waiting; 0 without any',
  attesta_disposals_open: 'Disposals under way',
  attesta_disposal_age_seconds: 'How long the oldest of them has been under way; 0 without any',
  attesta_disposal_due_age_seconds: 'How long what is due and free to go has been due, at most; 0 without any',
  attesta_messages_queued: 'Messages due that wait to be sent',
  attesta_message_age_seconds: 'How long the oldest of them has been due; 0 without any',
  attesta_messages_failed: 'Messages given up and still kept',
  attesta_breach_clock_late_seconds: 'How long a clock of a breach should have been looked at; 0 without any',
} as const;

export const COUNTERS = {
  attesta_intake_events_total: 'Events taken in here, by how they were answered',
  attesta_rate_limited_requests_total: 'Requests here that were answered with 429 because their client had asked too often, by the limit',
  attesta_readings_failed_total: 'Scrapes here for which the gauges of a component could not be read',
} as const;

export const HISTOGRAMS = {
  attesta_http_request_duration_seconds: 'From the arrival of a request to the end of its answer',
  attesta_log_append_duration_seconds: 'Appending one batch to the log, commit included',
  attesta_log_seal_duration_seconds: 'Taking in one call or message: checking, encrypting, appending, keeping rejections',
  attesta_log_checkpoint_duration_seconds: 'One step of the tree that ended in a signed checkpoint',
  attesta_withdrawal_propagation_seconds: 'From a withdrawal to the acknowledgement of a consumer',
} as const;

export type GaugeName = keyof typeof GAUGES;
export type CounterName = keyof typeof COUNTERS;
export type HistogramName = keyof typeof HISTOGRAMS;

/** The only labels there are. Each takes few values, all of them names in code or policy: never an id, an address or anything a caller wrote. */
export const LABELS = ['component', 'method', 'part', 'route', 'rule', 'severity', 'status', 'transport'] as const;
export type Labels = Partial<Record<(typeof LABELS)[number], string>>;

/** The log cannot take events now; nothing was decided about those not answered, and the same ids may be sent again. */
export class LogUnavailable extends Error {}
export class LogBusy extends Error {
  readonly code = 'EAGAIN';
}

/** What the sealer throws for whatever kept it from deciding. */
export const unavailable = (error: unknown): Error =>
  error instanceof LogBusy || error instanceof LogUnavailable
    ? error
    : new LogUnavailable('a database of the ledger cannot be reached', { cause: error });

/** What the doctor found out about one thing. */
export interface Finding {
  check: string;
  /** `note`: nothing is wrong, but worth knowing. `skipped`: could not be looked at, for the reason given. */
  status: 'ok' | 'problem' | 'note' | 'skipped';
  detail: string;
  fix?: string;
}

export const ok = (check: string, detail: string): Finding => ({ check, status: 'ok', detail });
export const problem = (check: string, detail: string, fix: string): Finding => ({ check, status: 'problem', detail, fix });
export const note = (check: string, detail: string, fix?: string): Finding => ({
  check,
  status: 'note',
  detail,
  ...(fix !== undefined && { fix }),
});
export const skipped = (check: string, detail: string, fix?: string): Finding => ({
  check,
  status: 'skipped',
  detail,
  ...(fix !== undefined && { fix }),
});

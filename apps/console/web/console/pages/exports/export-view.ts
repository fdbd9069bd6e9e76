/** An export; `apps/audit` exports.ts. */
export interface ExportView {
  id: string;
  state: 'queued' | 'running' | 'done' | 'failed' | 'cancelled' | 'expired';
  format: 'jsonl' | 'csv' | 'evidence';
  query: string | null;
  register: string | null;
  reason: string;
  /** Of whoever asks. */
  mine: boolean;
  progress: { rows: number; total: number | null; percent: number };
  bytes: number;
  /** Hexadecimal, of the file. */
  sha256: string | null;
  failure: string | null;
  created_at: string;
  expires_at: string | null;
}

export const isUnfinished = ({ state }: ExportView): boolean => state === 'queued' || state === 'running';

const EXTENSIONS = { jsonl: 'jsonl', csv: 'csv', evidence: 'zip' } as const;
export const fileOf = ({ id, format }: ExportView): string => `export-${id.slice(0, 8)}.${EXTENSIONS[format]}`;

/** The largest entry, in bytes of its canonical form (tlog-tiles gives an entry 16 bits of length). */
export const MAX_ENTRY_BYTES = 65_535;

/** Fence of a draft without sealed parts: no closing of keys concerns it. */
export const UNFENCED = Number.MAX_SAFE_INTEGER;

/** An event that lacks only its place in the log. The three pieces are canonical JSON around `recordedAt` and `subject`. */
export interface Draft {
  /** 16 bytes (latin1), unique for (source, id). */
  key: string;
  /** 16 bytes (latin1) that differ when the same id comes with other content. */
  content: string;
  /** `{...,"recordedAt":"` */
  before: string;
  /** `",...,"source":"..."` */
  middle: string;
  /** `,"time":"...","type":"...","v":1}` */
  after: string;
  subject: { id: string; raw: string } | undefined;
  cipher: Buffer | null;
  trace: string | null;
  /** The log's fence up to which its keys were known to be open when it was made. */
  fence: number;
  settle(outcome: Appended): void;
}

export type Appended =
  | { status: 'sealed'; position: number; leaf: string }
  | { status: 'duplicate' | 'conflict'; position: number; leaf: string | null }
  | { status: 'too-long'; bytes: number }
  | { status: 'withdrawn' }
  | { status: 'unavailable'; error: Error };

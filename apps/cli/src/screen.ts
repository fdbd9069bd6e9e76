import cliProgress from 'cli-progress';
import type { Output, Terminal } from './terminal.js';

const LONGEST = 600;
const SGR = { good: '32', bad: '31', warn: '33', quiet: '2', strong: '1' } as const;

/** One running figure, shown on a terminal only. */
export interface ProgressBar {
  update(done: number, total?: number): void;
  stop(): void;
}

/**
 * A text of a server or a file as one line that is safe to print: no control or direction characters, and not endless. What a hostile
 * server says must not move the cursor or pass for our own words.
 */
export function plain(text: unknown): string {
  const line = String(text)
    .replaceAll(/[\p{Cc}\p{Cf}\p{Cs}]+/gu, ' ')
    .trim();
  return line.length > LONGEST ? `${line.slice(0, LONGEST)}…` : line;
}

/** What the commands say: results on standard output, everything else on standard error. */
export class Screen {
  constructor(private readonly terminal: Terminal) {}

  /** A line of the result. */
  print(line = ''): void {
    this.terminal.stdout.write(`${line}\n`);
  }

  /** The whole result of a `--json` run. */
  json(value: unknown): void {
    this.print(JSON.stringify(value, null, 2));
  }

  /** A remark that must not end in what a pipe reads. */
  note(line: string): void {
    this.terminal.stderr.write(`${line}\n`);
  }

  paint(style: keyof typeof SGR, text: string, output: Output = this.terminal.stdout): string {
    const { env } = this.terminal;
    const coloured = output.isTTY === true && !env['NO_COLOR'] && env['TERM'] !== 'dumb';
    return coloured ? `\u001b[${SGR[style]}m${text}\u001b[0m` : text;
  }

  /** A bar on standard error, if that is a terminal. `total` unknown at first may come with an update. */
  progress(what: string, unit: string, total = 0): ProgressBar {
    const { stderr, env } = this.terminal;
    if (stderr.isTTY !== true || env['TERM'] === 'dumb') return { update: () => undefined, stop: () => undefined };
    const bar = new cliProgress.SingleBar({
      stream: stderr,
      format: `${what} [{bar}] {percentage}% | {value} of {total} ${unit} | {eta_formatted} left`,
      barCompleteChar: '=',
      barIncompleteChar: '-',
      barsize: 30,
      hideCursor: true,
      clearOnComplete: true,
      etaBuffer: 100,
    });
    bar.start(total, 0);
    return {
      update(done, newTotal) {
        if (newTotal !== undefined && newTotal !== bar.getTotal()) bar.setTotal(newTotal);
        bar.update(done);
      },
      stop: () => bar.stop(),
    };
  }
}

/** `1 entry`, `1,234 entries`. */
export function count(n: number, one: string, many = `${one}s`): string {
  return `${n.toLocaleString('en')} ${n === 1 ? one : many}`;
}

/** What was started must end, whatever ends the run: steps are taken back last first, once. */
export class Cleanup {
  private readonly steps: (() => Promise<void>)[] = [];
  private readonly lastResorts: (() => void)[] = [];
  private running: Promise<void> | undefined;

  constructor(private readonly onError: (error: unknown) => void) {
    // Nothing can be awaited any more here; what is still there is taken away by force.
    process.on('exit', () => this.lastResorts.reverse().forEach((step) => attempt(step)));
  }

  defer(step: () => Promise<void>): void {
    this.steps.push(step);
  }

  /** A synchronous step for the end of the process, harmless when `defer` has done its work. */
  atExit(step: () => void): void {
    this.lastResorts.push(step);
  }

  run(): Promise<void> {
    return (this.running ??= (async () => {
      for (let step = this.steps.pop(); step; step = this.steps.pop()) await step().catch(this.onError);
    })());
  }
}

function attempt(step: () => void): void {
  try {
    step();
  } catch {
    // gone already
  }
}

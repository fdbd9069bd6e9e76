import { deliver } from './opendsr-delivery.js';
import { changesIn } from './opendsr-status.js';
import { streamOf } from './request-store.js';
import type { OpenDsr } from './opendsr.js';

const RETRIES_MS = [10_000, 60_000, 300_000, 1_800_000, 3_600_000, 21_600_000, 86_400_000];
/** Callbacks per tick: somebody's slow endpoint must not hold up everything else. */
const MOST = 50;

interface Row {
  request: string;
  n: number;
  kek: string;
  box: Buffer;
  told: number;
  attempts: number;
}

/**
 * Tells controllers of every change of status (OpenDSR 8.5), in order and at least once. What has to be told is in the request's stream, and each
 * URL has a cursor into it: nothing can be forgotten, and nothing is written for a change.
 */
export class OpenDsrCallbacks {
  constructor(private readonly openDsr: OpenDsr) {}

  /** Tells what is due. */
  async tick(): Promise<void> {
    const { requests } = this.openDsr;
    const now = requests.now();
    await requests.pool.query(
      'update opendsr_callback c set open = true, next_at = $1 from request r where r.id = c.request and r.open and not c.open',
      [now],
    );
    // Leased while it is under way: another process does not tell it too, and a crash costs one lease.
    const { rows } = await requests.pool.query<Row>(
      `update opendsr_callback set next_at = $1::timestamptz + interval '2 minutes' where (request, n) in (
         select c.request, c.n from opendsr_callback c join request r on r.id = c.request
          where c.open and c.next_at <= $1 and c.told < r.version order by c.next_at, c.request, c.n limit ${MOST} for update of c skip locked)
       returning request, n, kek, box, told, attempts`,
      [now],
    );
    await Promise.all(rows.map((row) => this.tell(row)));
  }

  private async tell(row: Row): Promise<void> {
    const { requests } = this.openDsr;
    const stream = await requests.log.readStream(streamOf(row.request));
    let { attempts } = row;
    for (const { version, status } of changesIn(stream).filter((change) => change.version > row.told)) {
      const failure = await this.send(row, status);
      const wait = RETRIES_MS[attempts];
      if (failure) requests.options.onError?.(failure);
      if (failure && wait !== undefined) {
        await this.move(row, { next: requests.now().getTime() + wait, attempts: attempts + 1 });
        return;
      }
      // A change that could not be told is given up for the next one.
      attempts = 0;
      await this.move(row, { told: version, attempts, ...(failure && { failed: 1 }) });
    }
    await this.move(row, { told: stream.length, attempts, next: requests.now().getTime() });
  }

  /** @returns what went wrong; it names neither the URL, which may hold a secret, nor the person */
  private async send({ request, n, kek, box }: Row, status: Parameters<OpenDsr['told']>[1]): Promise<Error | undefined> {
    const { requests, options } = this.openDsr;
    const url = (await requests.strongbox.open(`${request} ${n}`, { kek, box })).toString();
    const body = JSON.stringify({ ...(await this.openDsr.told(request, status)), status_callback_url: url });
    const failed = (why: string) => new Error(`Callback ${n} of request ${request} was not taken: ${why}`);
    try {
      const answer = await deliver(url, options.signer.headers(body), body, options.innerHosts ?? []);
      return answer >= 200 && answer < 300 ? undefined : failed(`the answer was ${answer}`);
    } catch (error) {
      return failed((error as NodeJS.ErrnoException).code ?? (error as Error).name);
    }
  }

  private async move(
    { request, n }: Row,
    { told, next, attempts, failed = 0 }: { told?: number; next?: number; attempts: number; failed?: number },
  ): Promise<void> {
    await this.openDsr.requests.pool.query(
      `update opendsr_callback c set told = coalesce($3, c.told), next_at = coalesce(to_timestamp($4::float8 / 1000), c.next_at),
              attempts = $5, failed = c.failed + $6, open = r.open or coalesce($3, c.told) < r.version
         from request r where r.id = c.request and c.request = $1 and c.n = $2`,
      [request, n, told ?? null, next ?? null, attempts, failed],
    );
  }
}

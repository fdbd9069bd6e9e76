import { randomUUID } from 'node:crypto';
import { endOfDuration } from '@attesta/policy';
import { Problem } from '@attesta/service-kit';
import type pg from 'pg';
import { NotCarried } from './carrier.js';
import type { Notification } from './notification.js';
import { checkWebhookUrl, secretOf, sendWebhook } from './webhooks.js';

const AT_ONCE = 3;

export interface EndpointView {
  id: string;
  /** Without path and query, which may hold a secret. */
  host: string;
  kinds: string[] | null;
  createdAt: string;
  /** Alerts that could not be delivered, after every attempt. */
  failed: number;
}

interface Address {
  url: string;
  secret: string;
}

interface Delivery {
  alert: string;
  endpoint: string;
  attempts: number;
  kek: string;
  box: Buffer;
  kind: string;
  severity: string;
  body: Record<string, unknown>;
  at: Date;
}

/** Where alerts are sent besides the officer's mail: signed by Standard Webhooks, under the alert's id, so that a receiver can tell what it has. */
export class Endpoints {
  constructor(private readonly notification: Notification) {}

  /** @returns the secret, which is told once @throws Problem 422 for a URL that nothing is sent to */
  async register(url: string, kinds: string[] | undefined): Promise<{ id: string; secret: string }> {
    try {
      checkWebhookUrl(url);
    } catch (error) {
      throw Problem.invalid([
        { field: '/url', code: 'bad-url', message: (error as Error).message, fix: 'use https, without user and password' },
      ]);
    }
    const id = randomUUID();
    const secret = secretOf();
    const { kek, box } = await this.notification.strongbox.sealJson(id, { url, secret } satisfies Address);
    await this.notification.pool.query('insert into endpoint (id, kinds, kek, box, created_at) values ($1, $2, $3, $4, $5)', [
      id,
      kinds ?? null,
      kek,
      box,
      this.notification.now(),
    ]);
    return { id, secret };
  }

  /** @throws Problem 404 */
  async remove(id: string): Promise<void> {
    const { rowCount } = await this.notification.pool.query('delete from endpoint where id = $1', [id]);
    if (rowCount === 0)
      throw Problem.notFound('There is no such endpoint.', 'They are listed at GET /v1/alert-endpoints.', 'no-such-endpoint');
  }

  async list(): Promise<EndpointView[]> {
    const { rows } = await this.notification.pool.query<{
      id: string;
      kinds: string[] | null;
      kek: string;
      box: Buffer;
      created_at: Date;
      failed: number;
    }>(
      `select e.*, (select count(*)::int from endpoint_delivery d where d.endpoint = e.id and d.next_at is null and d.delivered_at is null) as failed
         from endpoint e order by created_at, id`,
    );
    return Promise.all(
      rows.map(async ({ id, kinds, created_at, failed, kek, box }) => {
        const { url } = await this.notification.strongbox.openJson<Address>(id, { kek, box });
        return { id, host: new URL(url).host, kinds, createdAt: created_at.toISOString(), failed };
      }),
    );
  }

  /** Sends what is due; each delivery in a transaction of its own, which a slow receiver holds and nobody else waits for. */
  async tick(): Promise<void> {
    await Promise.all(
      Array.from({ length: AT_ONCE }, async () => {
        while (await this.notification.transact((tx) => this.sendOne(tx)));
      }),
    );
  }

  private async sendOne(tx: pg.PoolClient): Promise<boolean> {
    const now = this.notification.now();
    const { rows } = await tx.query<Delivery>(
      `select d.alert, d.endpoint, d.attempts, e.kek, e.box, a.kind, a.severity, a.body, a.at
         from endpoint_delivery d join endpoint e on e.id = d.endpoint join alert a on a.id = d.alert
        where d.next_at <= $1 order by d.next_at limit 1 for update of d skip locked`,
      [now],
    );
    const [due] = rows;
    if (!due) return false;
    const { alert, endpoint, attempts, kek, box, kind, severity, body, at } = due;
    try {
      const to = await this.notification.strongbox.openJson<Address>(endpoint, { kek, box });
      await sendWebhook(to, { id: alert, type: `attesta.alert.${kind}`, timestamp: at.toISOString(), data: { severity, ...body } }, now);
      await tx.query(
        'update endpoint_delivery set delivered_at = $3, next_at = null, attempts = attempts + 1 where alert = $1 and endpoint = $2',
        [alert, endpoint, now],
      );
    } catch (error) {
      this.notification.options.onError?.(error);
      const isGone = error instanceof NotCarried && error.dead;
      const wait = isGone ? undefined : this.notification.rules.retries[attempts];
      await tx.query('update endpoint_delivery set attempts = attempts + 1, next_at = $3 where alert = $1 and endpoint = $2', [
        alert,
        endpoint,
        wait === undefined ? null : new Date(endOfDuration(now.getTime(), wait)),
      ]);
    }
    return true;
  }
}

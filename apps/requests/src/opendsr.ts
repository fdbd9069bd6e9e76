import { canonical } from '@attesta/proof';
import { Problem } from '@attesta/service-kit';
import { hmacSha256 } from '@attesta/vault';
import { OpenDsrCallbacks } from './opendsr-callbacks.js';
import { API_VERSION, GUID, identityTypes, readRequest, requestTypes, type OpenDsrRequest } from './opendsr-request.js';
import type { OpenDsrSigner } from './opendsr-signer.js';
import { expectedBy, statusOf, type OpenDsrStatus } from './opendsr-status.js';
import type { RequestState, Spared, Status } from './request.state.js';
import { isPackaged } from './request.flow.js';
import type { Requests } from './requests.js';

export interface OpenDsrOptions {
  signer: OpenDsrSigner;
  /**
   * Whose requests are taken, by the `sub` of their tokens, with the identifier scheme of each one's customer ids (`account` where they are
   * ours). Without it every publisher is trusted.
   */
  controllers?: Readonly<Record<string, { customers: string }>> | undefined;
  /** Hosts of our own network that callbacks may go to; over http where they are this machine. */
  innerHosts?: readonly string[] | undefined;
}

/** OpenDSR 7.3. Times are RFC 3339. */
export interface OpenDsrReceipt {
  controller_id: string;
  expected_completion_time: string;
  received_time: string;
  subject_request_id: string;
  /** The body as it came, base64. */
  encoded_request: string;
  api_version: string;
}

/** OpenDSR 8.3. */
export interface OpenDsrStatusView {
  controller_id: string;
  expected_completion_time: string;
  subject_request_id: string;
  request_status: OpenDsrStatus;
  api_version: string;
  /** Where the copy of the data is, while it is there. */
  results_url?: string;
  /** By our domain: the request's own id and status, and what was not erased or given, on which law. */
  extensions: Record<string, { request: string; status: Status; kept?: Spared[] }>;
}

/** OpenDSR 9.2. */
export interface OpenDsrCancellation {
  controller_id: string;
  subject_request_id: string;
  received_time: string;
  api_version: string;
}

interface Row {
  request: string;
  controller: string;
  id: string;
  digest: string;
  received_at: Date;
  subject: string;
  state: RequestState;
}

/** Requests that other controllers pass on to us (OpenDSR 2.0, formerly OpenGDPR): they know who the person is, and answer the person. */
export class OpenDsr {
  readonly callbacks = new OpenDsrCallbacks(this);

  constructor(
    readonly requests: Requests,
    readonly options: OpenDsrOptions,
  ) {}

  discovery() {
    return {
      api_version: API_VERSION,
      supported_identities: identityTypes(),
      supported_subject_request_types: requestTypes(this.requests.policy),
      processor_certificate: `${this.url}/certificate.pem`,
    };
  }

  /** @param controller `sub` of its token @throws Problem 400 (OpenDSR 7.5), 403, 503 */
  async submit(body: Buffer, controller: string): Promise<OpenDsrReceipt> {
    const { requests, options } = this;
    const trusted = this.trusted(controller);
    const asked = readRequest(body, {
      policy: requests.policy,
      now: requests.now().getTime(),
      domain: options.signer.domain,
      customers: trusted.customers,
      innerHosts: options.innerHosts ?? [],
    });
    const digest = this.digest(asked);
    const row = (await this.find(controller, asked.id)) ?? (await this.take(controller, asked, digest));
    if (row.digest !== digest) throw idConflict();
    return {
      controller_id: controller,
      expected_completion_time: this.expected(row),
      received_time: row.received_at.toISOString(),
      subject_request_id: asked.id,
      encoded_request: body.toString('base64'),
      api_version: API_VERSION,
    };
  }

  /** @throws Problem 404: of another controller's requests nobody learns that they exist */
  async status(controller: string, id: string): Promise<OpenDsrStatusView> {
    return this.view(await this.row(controller, id));
  }

  /** @throws Problem 404; 400 when it is no longer pending (OpenDSR 9) */
  async cancel(controller: string, id: string): Promise<OpenDsrCancellation> {
    const { request } = await this.row(controller, id);
    const { state } = await this.requests.handle(request, controller, (open) => {
      if (open.state.status === 'unfulfilled') return;
      if (statusOf(open.state) !== 'pending') throw notPending(statusOf(open.state));
      open.decide({ kind: 'withdraw' }, controller);
    });
    return {
      controller_id: controller,
      subject_request_id: id,
      received_time: new Date(state.endedAt ?? this.requests.now()).toISOString(),
      api_version: API_VERSION,
    };
  }

  /** The copy of the data, until it expires. @throws Problem 404; 410 when it is not there any more */
  async results(controller: string, id: string): Promise<{ request: string; subject: string; zip: Buffer }> {
    const { request, subject, state } = await this.row(controller, id);
    if (!isPackaged(state) || statusOf(state) !== 'completed') throw noResults();
    const sealed = await this.package(request);
    if (!sealed) throw resultsGone();
    return { request, subject, zip: await this.requests.strongbox.open(request, sealed) };
  }

  /** A request by its own id, for whoever is told of it. @param status as it was, where it is not the newest */
  async told(request: string, status: OpenDsrStatus): Promise<OpenDsrStatusView> {
    const { rows } = await this.requests.pool.query<Row>(`${SELECT} where r.id = $1`, [request]);
    return this.view(rows[0]!, status);
  }

  private async view(row: Row, status = statusOf(row.state)): Promise<OpenDsrStatusView> {
    const { request, controller, id, state } = row;
    const isNewest = status === statusOf(state);
    const kept = [...state.survivors, ...state.refused];
    const hasResults = isNewest && status === 'completed' && isPackaged(state) && (await this.package(request)) !== undefined;
    return {
      controller_id: controller,
      expected_completion_time: this.expected(row),
      subject_request_id: id,
      request_status: status,
      api_version: API_VERSION,
      ...(hasResults && { results_url: `${this.url}/requests/${id}/results` }),
      extensions: isNewest
        ? { [this.options.signer.domain]: { request, status: state.status, ...(status === 'completed' && kept.length > 0 && { kept }) } }
        : {},
    };
  }

  private get url(): string {
    return `${this.requests.options.publicUrl}/opendsr/v2`;
  }

  /** @throws Problem 403 */
  private trusted(controller: string): { customers: string } {
    const { controllers } = this.options;
    if (!controllers) return { customers: 'account' };
    const found = Object.hasOwn(controllers, controller) ? controllers[controller] : undefined;
    if (!found) {
      throw Problem.forbidden(
        'The token is not that of a controller whose requests are taken.',
        'Ask the operator to enter its sub among the controllers.',
        'controller-not-trusted',
      );
    }
    return found;
  }

  /**
   * Whom the identities name: whoever is known by one of them, otherwise a stranger by the most telling.
   * @throws Problem 400 when they are known as several people: what one of them asked must not be done to the other
   */
  private async subjectOf({ identifiers }: OpenDsrRequest): Promise<string> {
    const { directory } = this.requests;
    const clear = identifiers.map(({ scheme, value }) => `${scheme}|${value}`);
    const known = await directory.idsOf(clear.map((one) => directory.named(one, '/subject_identities')));
    const [first, ...others] = new Set(known.values());
    if (others.length > 0) {
      const [code, message] = ['several-people', 'are known here as those of several people'];
      throw Problem.invalid([{ field: '/subject_identities', code, message, fix: 'send one request for each identity' }]);
    }
    return first ?? clear[0]!;
  }

  private async take(controller: string, asked: OpenDsrRequest, digest: string): Promise<Row> {
    const { id, right, jurisdiction, submittedAt, identifiers } = asked;
    const { request } = await this.requests.intake.take({
      right,
      jurisdiction,
      // The person's time runs from when they asked, not from when it was passed on.
      receivedAt: submittedAt,
      channel: 'opendsr',
      subject: await this.subjectOf(asked),
      identifiers,
      cause: `opendsr\n${controller}\n${id}`,
      actor: controller,
      proved: { method: 'trusted-controller' },
    });
    await this.keep(request, controller, asked, digest);
    return this.row(controller, id);
  }

  /** After the request itself: whoever sends it again after a crash in between brings this in. */
  private async keep(request: string, controller: string, { id, callbacks }: OpenDsrRequest, digest: string): Promise<void> {
    const boxes = await Promise.all(callbacks.map((url, n) => this.requests.strongbox.seal(`${request} ${n}`, Buffer.from(url))));
    const now = this.requests.now();
    await this.requests.transact(async (tx) => {
      const { rowCount } = await tx.query(
        `insert into opendsr_request (request, controller, id, digest, received_at) values ($1, $2, $3, $4, $5) on conflict do nothing`,
        [request, controller, id, digest, now],
      );
      if (rowCount === 0) return;
      for (const [n, { kek, box }] of boxes.entries())
        await tx.query('insert into opendsr_callback (request, n, kek, box, next_at) values ($1, $2, $3, $4, $5)', [
          request,
          n,
          kek,
          box,
          now,
        ]);
    });
  }

  private async find(controller: string, id: string): Promise<Row | undefined> {
    if (!GUID.test(id)) return undefined;
    const { rows } = await this.requests.pool.query<Row>(`${SELECT} where o.controller = $1 and o.id = $2`, [controller, id]);
    return rows[0];
  }

  private async row(controller: string, id: string): Promise<Row> {
    const found = await this.find(controller, id);
    if (!found) throw Problem.notFound('There is no such request.', 'Check the subject_request_id.', 'no-such-request');
    return found;
  }

  private async package(request: string): Promise<{ kek: string; box: Buffer } | undefined> {
    const { rows } = await this.requests.pool.query<{ kek: string; box: Buffer }>(
      'select kek, box from package where request = $1 and expires_at > $2 and kek is not null and box is not null',
      [request, this.requests.now()],
    );
    return rows[0];
  }

  private expected({ state }: Row): string {
    return expectedBy(this.requests, state, this.requests.now().getTime());
  }

  /** Keyed, so that nobody can try out whose request it was. */
  private digest(asked: OpenDsrRequest): string {
    const text = hmacSha256(this.requests.options.pepper, `opendsr\n${canonical(asked)}`);
    return Buffer.from(text, 'latin1').toString('hex');
  }
}

const SELECT = `select o.request, o.controller, o.id, o.digest, o.received_at, r.subject, r.state
                  from opendsr_request o join request r on r.id = o.request`;

const idConflict = () =>
  Problem.conflict('This subject_request_id was used before for another request.', 'Give a new request a new id.', 'id-conflict');
const notPending = (status: OpenDsrStatus) =>
  Problem.conflict(`The request is ${status}.`, 'A request can be cancelled while it is pending.', 'not-pending');
const noResults = () => Problem.notFound('The request has no results.', 'Wait until it is completed; an erasure has none.', 'no-results');
const resultsGone = () =>
  new Problem({
    slug: 'results-gone',
    status: 410,
    title: 'What was here is gone',
    detail: 'The copy of the data has expired, or was handed over otherwise.',
    fix: 'Make a new request.',
  });

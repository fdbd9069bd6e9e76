import {
  consentReceipt,
  kantaraReceipt,
  provenReceipt,
  standingOf,
  type ChoiceFact,
  type ProvenReceipt,
  type ReceiptInput,
} from '@attesta/decisions';
import type { Entry } from '@attesta/events';
import { AccessRecorder, CurrentPrincipal, OwnPerson, type Principal, Problem, Roles } from '@attesta/service-kit';
import { Controller, Get, Inject, Param, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import { ReceiptQuery } from './bodies.js';
import { Consent } from './consent.js';
import { CONSENT_SOURCE } from './decision-events.js';
import { NotProvable } from './sealed-proofs.js';
import { recordAt } from './standings.js';

/** What a person takes away from a choice: what they chose, and the proof that it stands in the log. */
@ApiTags('receipts')
@ApiBearerAuth()
@Controller('v1/receipts')
@Roles('publisher', 'dpo', 'auditor', 'subject')
export class ReceiptsController {
  constructor(
    @Inject(Consent) private readonly consent: Consent,
    @Inject(OwnPerson) private readonly own: OwnPerson,
    @Inject(AccessRecorder) private readonly access: AccessRecorder,
  ) {}

  @Get(':id')
  @ApiOperation({
    summary: 'The receipt of a choice (ISO/IEC TS 27560), with the proof; or as Kantara has it',
    description:
      'Verify it offline with `attesta verify receipt.json`. Waits a moment for the seal and the checkpoint of a choice just made.',
  })
  async receipt(
    @Param('id') id: string,
    @Query() { source = CONSENT_SOURCE, format, reason }: ReceiptQuery,
    @CurrentPrincipal() principal: Principal,
  ): Promise<ProvenReceipt | object> {
    const choice = await this.choiceOf(source, id);
    await this.own.require(choice.subject, principal);
    const sealed = await this.sealed(choice);
    await this.access.allowed(principal, {
      action: 'receipt.read',
      resource: 'GET /v1/receipts/:id',
      subject: choice.subject,
      reason,
      positions: [sealed.position],
    });
    const now = this.consent.now();
    const at = now.getTime();
    const record = await recordAt(this.consent, choice.subject, { at, known: at });
    const input: ReceiptInput = {
      entry: JSON.parse(sealed.entry) as Entry,
      position: sealed.position,
      policy: this.consent.policy,
      receiptId: id,
      issuedAt: now.toISOString(),
      standing: new Map(choice.purposes.map((purpose) => [purpose, standingOf(record, { purpose, at }).status])),
    };
    return format === 'kantara' ? asKantara(input) : provenReceipt(consentReceipt(input), sealed);
  }

  private async choiceOf(source: string, id: string): Promise<ChoiceFact> {
    const fact = await this.consent.facts.find(this.consent.pool, source, id);
    if (fact?.kind === 'choice') return fact;
    throw Problem.notFound(
      'No choice was taken under this id.',
      'Ids come with the answer to POST /v1/consents; name the source of others.',
      'unknown-receipt',
    );
  }

  private async sealed({ source, id }: ChoiceFact) {
    try {
      return await this.consent.proofs.ofFact(async () => (await this.choiceOf(source, id)).position);
    } catch (error) {
      if (!(error instanceof NotProvable)) throw error;
      throw Problem.unavailable(
        'The choice is recorded and in force, but not sealed under a signed checkpoint yet.',
        'Ask again in a moment.',
        'not-sealed',
        1,
      );
    }
  }
}

/** That form knows consents that were given, by controllers who can be reached. */
function asKantara(input: ReceiptInput): object {
  try {
    return kantaraReceipt(input);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw Problem.conflict(
      'A Kantara receipt is about a consent that was given, to a controller whose contact the policy names; this is none.',
      'Take the receipt in the form iso-27560.',
      'no-kantara-receipt',
    );
  }
}

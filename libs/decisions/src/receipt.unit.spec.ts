import { completeRecord, consentReceipt, provenReceipt } from './receipt.js';
import { entryOf, inputOf, SUBJECT } from './receipt-rig.js';

const proofOf = (entry: unknown, position = 41) => ({ position, entry: JSON.stringify(entry), tlogProof: 'c2sp', verifierKey: 'log+1+a' });

describe('a consent receipt', () => {
  const receipt = consentReceipt(inputOf());

  it('says in `record` what the entry says, under the names of TS 27560', () => {
    expect(receipt.record.metadata).toMatchObject({
      record_id: 'choice-1',
      source: '//shop.example',
      position: 41,
      pii_principal_id: SUBJECT,
    });
    expect(receipt.record.processing).toEqual({
      privacy_notice: { version: '2022-08-10', wording_digest: '0a'.repeat(32) },
      language: 'en',
      purposes: ['marketing', 'personalisation'].map((purpose) => ({
        purpose,
        pii_information: [{ pii_type: 'contact' }, { pii_type: 'preferences' }],
        channels: ['email', 'sms'],
        pii_controllers: ['m-med'],
        jurisdiction: 'th-pdpa',
      })),
    });
    expect(receipt.record.event).toEqual([
      {
        event_time: '2025-03-01T09:00:00.000Z',
        accepted_at: '2025-03-01T09:00:01Z',
        validity_duration: 'P1Y',
        entity_id: SUBJECT,
        entity_role: 'subject',
        event_type: 'ExpressedConsent',
        event_state: 'ConsentGiven',
        indication_method: 'checkbox',
        evidence: { kind: 'screenshot', digest: '0b'.repeat(32) },
      },
    ]);
  });

  it('puts what the policy and the present say under `informative`', () => {
    const { standing, processing, party_identification } = receipt.informative;
    expect(standing.map(({ event_state }) => event_state)).toEqual(['ConsentWithdrawn', 'ConsentGiven']);
    expect(processing.purposes[0]).toMatchObject({
      title_th: 'การตลาด',
      lawful_basis: { basis: 'consent', citation: 'PDPA s.19, s.24' },
      storage_locations: ['TH', 'SG', 'US'],
      authority_party: 'pdpc',
      withdrawal_method: { email: 'dpo@m-med.example' },
    });
    expect(processing.purposes[0]!.retention_period).toContainEqual(
      expect.objectContaining({ duration: 'P0D', trigger: 'consent-withdrawn' }),
    );
    expect(party_identification[0]).toMatchObject({ party_id: 'm-med', party_role: 'controller' });
    const known = new Set(party_identification.map(({ party_id }) => party_id));
    for (const id of processing.purposes[0]!.recipient_third_parties) expect(known).toContain(id);
  });

  it('makes with both a record that has everything TS 27560 demands', () => {
    const whole = completeRecord(receipt) as {
      metadata: object;
      processing: { purposes: object[] };
      party_identification: object[];
      event: object[];
    };
    expect(Object.keys(whole.metadata)).toEqual(expect.arrayContaining(['schema_version', 'record_id', 'pii_principal_id']));
    expect(Object.keys(whole.processing)).toEqual(expect.arrayContaining(['privacy_notice', 'language', 'purposes']));
    const demanded = ['purpose', 'pii_information', 'pii_controllers', 'storage_locations', 'retention_period', 'jurisdiction'];
    for (const purpose of whole.processing.purposes)
      expect(Object.keys(purpose)).toEqual(expect.arrayContaining([...demanded, 'recipient_third_parties', 'withdrawal_method']));
    for (const party of whole.party_identification)
      expect(Object.keys(party)).toEqual(
        expect.arrayContaining(['party_id', 'party_address', 'party_name', 'party_contact', 'party_type']),
      );
    expect(Object.keys(whole.event[0]!)).toEqual(
      expect.arrayContaining(['event_time', 'validity_duration', 'entity_id', 'event_type', 'event_state']),
    );
    expect(whole.processing.purposes[0]).toMatchObject({ pii_information: [{ pii_type: 'contact', title_th: 'ข้อมูลติดต่อ' }, {}] });
  });

  it.each([
    ['refused', 'subject', 'ConsentRefused', SUBJECT],
    ['withdrawn', 'guardian', 'ConsentWithdrawn', 'guardian'],
    ['withdrawn', 'controller', 'ConsentRevoked', 'controller'],
    ['deferred', undefined, 'ConsentRequestDeferred', SUBJECT],
  ] as const)('says %s by %s as %s', (status, by, event_state, entity_id) => {
    expect(consentReceipt(inputOf(entryOf({ status, by }))).record.event[0]).toMatchObject({ event_state, entity_id });
  });

  it('says so where the choice names no data and no end, and does without what the policy does not know', () => {
    const bare = { categories: undefined, validFor: undefined, controller: undefined, jurisdiction: undefined };
    const { record, informative } = consentReceipt(
      inputOf(entryOf({ ...bare, purposes: ['unheard-of'], noticeVersion: 'v0', explicit: true })),
    );
    expect(record.processing.purposes[0]).toEqual({
      purpose: 'unheard-of',
      pii_information: [{ pii_type: '*' }],
      channels: ['email', 'sms'],
    });
    expect(record.event[0]).toMatchObject({ validity_duration: 'indefinite', event_type: 'ExplicitlyExpressedConsent' });
    expect(informative.processing.purposes[0]).toMatchObject({ jurisdiction: 'th-pdpa', pii_controllers: ['m-med'] });
    expect(informative.processing.purposes[0]).not.toHaveProperty('title');
    expect(informative.standing[0]!.event_state).toBeNull();
  });

  it('is of nothing but a consent that was captured', () => {
    expect(() => consentReceipt(inputOf({ ...entryOf(), type: 'attesta.use.recorded.v1' }))).toThrow(RangeError);
    expect(() => consentReceipt(inputOf({ ...entryOf(), data: {} }))).toThrow(RangeError);
  });

  it('goes out with a proof only if it is of the entry proved', () => {
    expect(provenReceipt(receipt, proofOf(entryOf())).proof.position).toBe(41);
    expect(() => provenReceipt(receipt, proofOf(entryOf({ status: 'refused' })))).toThrow('/record/event/0/event_state');
    expect(() => provenReceipt(receipt, proofOf(entryOf(), 42))).toThrow('/record/metadata/position');
  });
});

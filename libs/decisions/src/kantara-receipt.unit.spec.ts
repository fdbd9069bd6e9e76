import { Ajv } from 'ajv';
import { kantaraReceipt } from './kantara-receipt.js';
import { entryOf, inputOf, policy, SUBJECT } from './receipt-rig.js';

const text = { type: 'string', minLength: 1 };
const texts = { type: 'array', items: text };
const object = (properties: Record<string, object>, optional: string[] = []) => ({
  type: 'object',
  properties,
  required: Object.keys(properties).filter((name) => !optional.includes(name)),
  additionalProperties: false,
});

/** The rules of the specification's 4.3 to 4.5 in our words. */
const valid = new Ajv({ strict: true }).compile(
  object({
    version: { type: 'string', const: 'KI-CR-v1.1.0' },
    jurisdiction: text,
    consentTimestamp: { type: 'integer', minimum: 0 },
    collectionMethod: text,
    consentReceiptID: text,
    language: text,
    piiPrincipalId: text,
    piiControllers: {
      type: 'array',
      minItems: 1,
      items: object(
        { piiController: text, onBehalf: { type: 'boolean' }, contact: text, address: { type: 'object' }, email: text, phone: text },
        ['onBehalf'],
      ),
    },
    policyUrl: text,
    services: {
      type: 'array',
      minItems: 1,
      items: object({
        service: text,
        purposes: {
          type: 'array',
          minItems: 1,
          items: object(
            {
              purpose: text,
              purposeCategory: texts,
              consentType: text,
              piiCategory: texts,
              primaryPurpose: { type: 'boolean' },
              termination: text,
              thirdPartyDisclosure: { type: 'boolean' },
              thirdPartyName: text,
            },
            ['thirdPartyName'],
          ),
        },
      }),
    },
    sensitive: { type: 'boolean' },
    spiCat: texts,
  }),
);

const receiptOf = (...changes: Parameters<typeof entryOf>) => kantaraReceipt(inputOf(entryOf(...changes)));

describe('a Kantara receipt', () => {
  it.each([
    ['as given', {}],
    ['without categories and end', { categories: undefined, validFor: undefined }],
    ['explicit, of sensitive data', { explicit: true, categories: ['health'] }],
    ['of a purpose and a method nobody knows', { purposes: ['unheard-of'], method: 'telepathy' }],
  ])('keeps to the specification: %s', (_what, changes) => {
    valid(receiptOf(changes));
    expect(valid.errors ?? []).toEqual([]);
  });

  it('says what the choice says, by service', () => {
    expect(receiptOf()).toMatchObject({
      consentTimestamp: 1740819600,
      collectionMethod: 'Tick box beside its wording',
      piiPrincipalId: SUBJECT,
      policyUrl: 'https://m-med.example/privacy',
      sensitive: false,
      spiCat: [],
      services: [
        {
          service: 'Offers and promotional information',
          purposes: [{ purposeCategory: ['marketing'], termination: 'When it is withdrawn, at the latest on 2026-03-01T09:00:00.000Z' }],
        },
        { service: 'Content tailored to your interests' },
      ],
    });
    for (const { purposes } of receiptOf().services)
      for (const purpose of purposes) expect(purpose.thirdPartyName !== undefined).toBe(purpose.thirdPartyDisclosure);
  });

  it('names sensitive data where consent to it was explicit, and speaks the language of the choice', () => {
    expect(receiptOf({ explicit: true, categories: ['health'] })).toMatchObject({ sensitive: true, spiCat: ['Health data'] });
    expect(receiptOf({ categories: ['health'] }).sensitive).toBe(false);
    expect(receiptOf({ language: 'th' }).services[0]).toMatchObject({ service: 'ข่าวสารและโปรโมชัน', purposes: [{ purpose: 'การตลาด' }] });
  });

  it('is of consent given only, and of a controller who can be reached', () => {
    expect(() => receiptOf({ status: 'withdrawn' })).toThrow('consent that was given');
    const { email: _email, ...silent } = policy.defaultController;
    const without = { ...policy, defaultController: silent, controllers: new Map([[silent.id, silent]]) };
    expect(() => kantaraReceipt({ ...inputOf(), policy: without })).toThrow('needs the email of the controller');
  });
});

import { compareSchemas } from './compatibility.js';
import { events } from './catalog.js';
import { jsonSchema } from './documents.js';

interface Editable {
  type?: string;
  properties: Record<string, Record<string, unknown>>;
  required: string[];
  additionalProperties?: boolean;
}

const released = () => {
  const definition = events.get('attesta.collection.recorded.v1');
  if (definition === undefined) throw new Error('gone');
  return JSON.parse(JSON.stringify(jsonSchema(definition))) as Editable;
};

const edited = (edit: (schema: Editable) => void) => {
  const schema = released();
  edit(schema);
  return compareSchemas(released(), schema).map(({ field, change }) => `${field} ${change}`);
};
const field = (schema: Editable, name: string) => schema.properties[name] ?? {};

describe('a released event schema', () => {
  it('is compatible with itself', () => {
    expect(edited(() => undefined)).toEqual([]);
  });

  test.each<[string, (schema: Editable) => void]>([
    ['gain an optional field', (s) => void (s.properties.shelf = { type: 'string' })],
    ['make a required field optional', (s) => void (s.required = s.required.filter((name) => name !== 'method'))],
    ['gain an enum value', (s) => void (field(s, 'channel').enum as string[]).push('kiosk')],
    ['raise a limit', (s) => void (field(s, 'categories').maxItems = 64)],
    ['lower a minimum', (s) => void (field(s, 'categories').minItems = 0)],
    ['lose a pattern', (s) => void delete field(s, 'basis').pattern],
    ['open up', (s) => void delete s.additionalProperties],
    ['take numbers where it took integers', (s) => void (field(s, 'consent').type = 'number')],
    ['offer one more alternative', (s) => void (field(s, 'personal').anyOf as object[]).push({ type: 'null' })],
    ['reword a description', (s) => void (field(s, 'basis').description = 'other words')],
  ])('may %s', (_, edit) => {
    expect(edited(edit)).toEqual([]);
  });

  test.each<[string, (schema: Editable) => void, string[]]>([
    ['lose a field', (s) => void delete s.properties.originParty, ['/originParty removed']],
    [
      'rename a required field',
      (s) => {
        delete s.properties.basis;
        s.properties.lawfulBasis = { type: 'string' };
        s.required = s.required.map((name) => (name === 'basis' ? 'lawfulBasis' : name));
      },
      ['/basis removed', '/lawfulBasis newly-required'],
    ],
    ['require what was optional', (s) => void s.required.push('noticeVersion'), ['/noticeVersion newly-required']],
    ['lose an enum value', (s) => void (field(s, 'channel').enum = ['web', 'app']), ['/channel narrowed-enum']],
    ['take an enum where any text went', (s) => void (field(s, 'basis').enum = ['contract']), ['/basis narrowed-enum']],
    ['lower a limit', (s) => void (field(s, 'categories').maxItems = 8), ['/categories narrowed-limit']],
    ['raise a minimum', (s) => void (field(s, 'categories').minItems = 2), ['/categories narrowed-limit']],
    ['gain a limit', (s) => void (field(s, 'consent').minimum = 1), ['/consent narrowed-limit']],
    ['change a type', (s) => void (s.properties.consent = { type: 'string' }), ['/consent changed-type']],
    ['change an item’s type', (s) => void (field(s, 'purposes').items = { type: 'integer' }), ['/purposes/* changed-type']],
    ['change a pattern', (s) => void (field(s, 'basis').pattern = '^x'), ['/basis changed-format']],
    ['gain a format', (s) => void (field(s, 'noticeVersion').format = 'date'), ['/noticeVersion changed-format']],
    ['close off an alternative', (s) => void (field(s, 'personal').anyOf as object[]).shift(), ['/personal changed-type']],
    [
      'narrow a nested object',
      (s) => void ((field(s, 'context').properties as Record<string, Record<string, unknown>>).order = { type: 'string', maxLength: 3 }),
      ['/context/order narrowed-limit'],
    ],
  ])('may not %s', (_, edit, changes) => {
    expect(edited(edit)).toEqual(changes);
  });

  it('that was open may not close', () => {
    expect(
      compareSchemas({ type: 'object', properties: {} }, { type: 'object', properties: {}, additionalProperties: false }),
    ).toMatchObject([{ change: 'closed' }]);
  });
});

import { testDatabase, type TestDatabase } from '@attesta/testing';
import { encodeColumn, SQL, type ColumnKind } from './columns.js';

let db: TestDatabase;
beforeAll(async () => {
  db = await testDatabase();
});
afterAll(() => db.drop());

/** What PostgreSQL reads from a column of these values. */
async function roundTrip(kind: ColumnKind, values: unknown[]): Promise<unknown[]> {
  const { array, cast } = SQL[kind];
  const { rows } = await db.pool.query<{ v: unknown }>(`select unnest($1::${array})${cast} as v`, [
    encodeColumn(
      kind,
      values.map((v) => ({ v })),
      'v',
    ),
  ]);
  return rows.map(({ v }) => v);
}

describe('columns reach PostgreSQL as they are', () => {
  it.each<[ColumnKind, unknown[]]>([
    ['text', ['', 'a', 'ชื่อ', '😀'.repeat(40), 'x'.repeat(65), 'x'.repeat(10_000), `'; drop table x; --`, null]],
    ['texts', [[], ['a'], ['a', 'null', 'b c', '"', '\\', ','], null]],
    ['uuid', ['00000000-0000-4000-8000-0123456789ab', 'ffffffff-ffff-ffff-ffff-fedcba987654', null]],
    ['flag', [true, false, null]],
    ['json', [{ a: 'ข', b: '"' }, null]],
    ['bytes', [Buffer.from([0, 1, 255]), Buffer.alloc(100_000, 7), Buffer.alloc(0), null]],
  ])('%s', async (kind, values) => expect(await roundTrip(kind, values)).toEqual(values));

  it('whole numbers, beyond 32 bits too', async () => {
    const values = [0, 1, -1, 2 ** 31, 2 ** 32, -(2 ** 40), Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER];
    expect(await roundTrip('int8', values)).toEqual(values.map(String));
    expect(await roundTrip('int8s', [values, []])).toEqual([values.map(String), []]);
  });

  it('instants, from the first year to the last', async () => {
    const values = [0, 1, -1, Date.UTC(2026, 1, 28, 23, 59, 59, 999), Date.UTC(9999, 11, 31), Date.parse('0001-01-01T00:00:00Z')];
    expect(((await roundTrip('time', values)) as Date[]).map((date) => date.getTime())).toEqual(values);
  });

  it('no rows at all', async () => expect(await roundTrip('text', [])).toEqual([]));
});

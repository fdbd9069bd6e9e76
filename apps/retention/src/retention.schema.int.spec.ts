import { createLogin } from '@attesta/event-log/embedded';
import { serviceLogTables } from '@attesta/event-log';
import { testDatabase } from '@attesta/testing';
import { feedTables, relayTables } from '@attesta/transport';
import { retentionGrants, retentionTables } from './retention.schema.js';

test('the service may use every table there is, is no owner of any, and can change nothing that it said', async () => {
  const db = await testDatabase();
  await db.pool.query(retentionTables + serviceLogTables + feedTables + relayTables);
  const role = `retention_${process.pid}`;
  await createLogin(db.url, role, 'secret', new URL(db.url).pathname.slice(1));
  await db.pool.query(retentionGrants(role));
  const { rows: lacking } = await db.pool.query<{ relname: string }>(
    `select relname from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace
       and not (has_table_privilege($1, oid, 'select') and (has_table_privilege($1, oid, 'insert') or relname = 'service_log_head'))`,
    [role],
  );
  expect(lacking).toEqual([]);
  const { rows: given } = await db.pool.query<{ relname: string; right: string }>(
    `select relname, "right" from pg_class, unnest(array['update', 'delete', 'truncate', 'references', 'trigger']) "right"
      where relkind = 'r' and relnamespace = 'public'::regnamespace and has_table_privilege($1, pg_class.oid, "right") order by 1, 2`,
    [role],
  );
  const may = (right: string) => given.filter((one) => one.right === right).map(({ relname }) => relname);
  expect([may('truncate'), may('references'), may('trigger')]).toEqual([[], [], []]);
  expect(may('update')).not.toContain('service_event');
  for (const name of ['service_event', 'service_log_head', 'forgotten', 'erasure_cursor']) expect(may('delete')).not.toContain(name);
  await db.pool.query(`drop owned by ${role}`);
  await db.pool.query(`drop role ${role}`);
  await db.drop();
});

import { createLogin } from '@attesta/event-log/embedded';
import { serviceLogTables } from '@attesta/event-log';
import { erasureTables } from '@attesta/service-kit';
import { testDatabase } from '@attesta/testing';
import { feedTables, relayTables } from '@attesta/transport';
import { sessionTables } from './sessions.schema.js';
import { disposalTables, requestsGrants, requestsTables } from './requests.schema.js';

test('the service may use every table there is, and is no owner of any', async () => {
  const db = await testDatabase();
  await db.pool.query(requestsTables + disposalTables + erasureTables + sessionTables + serviceLogTables + feedTables + relayTables);
  const role = `requests_${process.pid}`;
  await createLogin(db.url, role, 'secret', new URL(db.url).pathname.slice(1));
  await db.pool.query(requestsGrants(role));
  const { rows } = await db.pool.query<{ relname: string }>(
    `select relname from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace
       and not (has_table_privilege($1, oid, 'select') and (has_table_privilege($1, oid, 'insert') or relname = 'service_log_head'))`,
    [role],
  );
  expect(rows).toEqual([]);
  await db.pool.query(`drop owned by ${role}`);
  await db.pool.query(`drop role ${role}`);
  await db.drop();
});

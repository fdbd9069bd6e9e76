import fs from 'node:fs/promises';
import { connector, loadMapping } from '@attesta/postgres-connector';
import { clientCredentials, Fulfilment, httpAnswers, httpTasks } from '@attesta/sdk';
import pg from 'pg';
import { asker, json } from './auditor-answer.http.js';
import { PEOPLE } from './sample-day/people.js';
import { STOREFRONT_MAPPING, STOREFRONT_SQL } from './shipped-files.js';
import type { Standalone } from './standalone.js';

const DATABASE = 'sample_storefront';
const CATEGORIES = [
  'account',
  'address',
  'communications',
  'contact',
  'device',
  'identity',
  'page-view',
  'payment',
  'preferences',
  'transaction',
  'usage',
];

/**
 * The sample company's shop: a database of its own, and beside it the connector that does the shop's part of requests from a mapping file. Made once;
 * connected at every start.
 */
export async function connectStorefront(
  { url, issuer, adminUrl, ledger }: Standalone,
  onError: (error: unknown) => void,
): Promise<() => Promise<void>> {
  await createShop(adminUrl);
  const client = issuer.clients.find(({ id }) => id === 'storefront')!;
  const token = clientCredentials({ issuer: issuer.issuer, clientId: client.id, clientSecret: client.secret });
  const ask = asker(url, () => issuer.issueToken('dpo'));
  await json(
    ask('POST', '/v1/systems', {
      id: 'storefront',
      title: 'Storefront',
      source: '//storefront.m-med.example',
      categories: CATEGORIES,
      kinds: ['access', 'portability', 'rectification', 'erasure'],
    }),
  );
  const pool = new pg.Pool({ connectionString: adminUrl(DATABASE), max: 2 });
  pool.on('error', onError);
  const shop = connector(loadMapping(await fs.readFile(STOREFRONT_MAPPING, 'utf8')), pool, { pepper: ledger.secrets.pepper });
  await shop.check();
  const attesta = new Fulfilment({
    system: 'storefront',
    tasks: httpTasks({ url, token, system: 'storefront' }),
    answer: httpAnswers({ url, token }),
    onError,
  });
  shop.attach(attesta);
  attesta.start();
  return async () => {
    await attesta.stop();
    await pool.end();
  };
}

async function createShop(adminUrl: Standalone['adminUrl']): Promise<void> {
  const admin = new pg.Client({ connectionString: adminUrl() });
  await admin.connect();
  const { rowCount } = await admin.query('select 1 from pg_database where datname = $1', [DATABASE]);
  if (rowCount === 0) await admin.query(`create database ${DATABASE}`);
  await admin.end();
  const shop = new pg.Client({ connectionString: adminUrl(DATABASE) });
  await shop.connect();
  try {
    const { rows } = await shop.query<{ there: boolean }>("select to_regclass('storefront.customer') is not null as there");
    if (rows[0]?.there) return;
    await shop.query('begin');
    await shop.query(await fs.readFile(STOREFRONT_SQL, 'utf8'));
    for (const { account, email, name, phone, birthDate } of PEOPLE) {
      await shop.query(
        `insert into storefront.customer (id, email, full_name, phone, birth_date) values ($1, $2, $3, $4, $5)
         on conflict (id) do update set email = excluded.email, full_name = excluded.full_name, phone = excluded.phone, birth_date = excluded.birth_date`,
        [account, email, name, phone, birthDate],
      );
    }
    await shop.query('commit');
  } finally {
    await shop.end();
  }
}

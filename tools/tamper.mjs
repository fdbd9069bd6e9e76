// What Attesta is there to show: somebody with every right in the database of `npm start` changes an entry that was sealed.
//   node tools/tamper.mjs <position> [--home .attesta]      flips one bit of the entry there; once more puts it right again
import fs from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import pg from 'pg';

const { values, positionals } = argumentsOf(process.argv.slice(2));
const position = /^\d{1,15}$/.test(positionals.join(' ')) ? Number(positionals[0]) : end('Name one position, such as 100.');

const read = (file) => {
  try {
    return fs.readFileSync(path.join(values.home, file), 'utf8');
  } catch {
    return end(`${path.resolve(values.home)} is no data directory of a system that runs. Name it with --home.`);
  }
};
const password = read('postgres.password').trim();
const port = read('postgres/postmaster.pid').split('\n')[3];
const client = new pg.Client({ connectionString: `postgres://postgres:${password}@127.0.0.1:${port}/attesta_ledger` });
await client.connect();
await client.query("set session_replication_role = 'replica'"); // no trigger stands in the way of a superuser
const { rows } = await client.query(
  `update entry set bytes = set_byte(bytes, length(bytes) / 2, get_byte(bytes, length(bytes) / 2) # 1) where position = $1
   returning position`,
  [position],
);
await client.end();
if (rows.length === 0) end(`The log has no entry ${position}.`);
console.log(`Entry ${position} is not what was sealed any more, or is again if this was the second time.`);

function argumentsOf(args) {
  try {
    return parseArgs({ args, allowPositionals: true, options: { home: { type: 'string', default: '.attesta' } } });
  } catch (error) {
    return end(error.message);
  }
}

function end(message) {
  console.error(`${message}\nUsage: node tools/tamper.mjs <position> [--home .attesta]`);
  process.exit(2);
}

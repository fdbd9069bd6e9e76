// Puts the deployment's pepper among the ledger's keys before the ledger makes one of its own: refs of all services are made with the same.
const fs = require('node:fs');
const [from, to] = process.argv.slice(-2);
const given = fs.readFileSync(from, 'utf8').trim();
fs.mkdirSync(require('node:path').dirname(to), { recursive: true, mode: 0o700 });
try {
  fs.writeFileSync(to, given, { mode: 0o600, flag: 'wx' });
} catch (error) {
  if (error.code !== 'EEXIST') throw error;
  if (fs.readFileSync(to, 'utf8').trim() !== given) {
    console.error(`${to} is another pepper than ATTESTA_PEPPER. Give all services the one that this log was begun with.`);
    process.exit(78);
  }
}

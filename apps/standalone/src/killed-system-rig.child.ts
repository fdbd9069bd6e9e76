import { SHIPPED_POLICY } from './shipped-files.js';
import { startStandalone } from './standalone.js';

// The whole system in a process that may be killed at any moment: `node killed-system-rig.child.js <home> <port>`.
const [home = '', port = '0'] = process.argv.slice(2);
const { url } = await startStandalone({
  home,
  port: Number(port),
  host: '127.0.0.1',
  origin: 'killed.localhost/log',
  policyFile: SHIPPED_POLICY,
});
process.stdout.write(`${url}\n`);

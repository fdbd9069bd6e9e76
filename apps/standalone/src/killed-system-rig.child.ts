import { SHIPPED_POLICY } from './shipped-files.js';
import { localCarriers, localMail, startStandalone } from './standalone.js';

// The whole system in a process that may be killed at any moment: `node killed-system-rig.child.js <home> <port>`.
// With SMTP_URL messages go there, MESSAGES_PER_SECOND at most.
const [home = '', port = '0'] = process.argv.slice(2);
const { SMTP_URL: smtpUrl, MESSAGES_PER_SECOND: pace } = process.env;
const carriers = localCarriers({ ...localMail(home), ...(smtpUrl !== undefined && { smtpUrl }) });
const { url } = await startStandalone({
  home,
  port: Number(port),
  host: '127.0.0.1',
  origin: 'killed.localhost/log',
  policyFile: SHIPPED_POLICY,
  carriers: { ...carriers, ...(pace !== undefined && { messagesPerSecond: Number(pace) }) },
});
process.stdout.write(`${url}\n`);

import type { Command } from 'commander';
import { Api } from './api.js';
import { findToken, homeOf } from './credentials.js';
import { checkBacklog } from './doctor-backlog.js';
import { checkDatabases } from './doctor-databases.js';
import { checkMachine } from './doctor-machine.js';
import { checkNetwork } from './doctor-network.js';
import { checkServer } from './doctor-server.js';
import type { Finding } from './finding.js';
import { givenKey, type KeyOptions } from './keys.js';
import { example, withAccess, withJson, withKey, withServer, type AccessOptions, type Cli, type ServerOptions } from './options.js';
import { count, plain, type Screen } from './screen.js';

type DoctorOptions = ServerOptions & AccessOptions & KeyOptions & { json?: true };

const MARKS = { ok: 'ok', problem: 'PROBLEM', note: 'note', skipped: 'skipped' } as const;

export function addDoctor(program: Command, cli: Cli): void {
  const command = program.command('doctor').description('Look at everything that commonly goes wrong, and say how to mend it');
  withJson(withKey(withAccess(withServer(command))));
  example(command, 'attesta doctor --url http://localhost:4000 --home .attesta').action((options: DoctorOptions) => doctor(options, cli));
}

async function doctor(options: DoctorOptions, { screen, terminal, exit }: Cli): Promise<void> {
  const key = givenKey(options, terminal.cwd);
  const asRole = (role: string): Api | undefined => {
    const token = findToken(options, terminal, { role, url: options.url });
    return token && new Api(options.url, token);
  };
  const [api, asOperator, asAuditor] = [new Api(options.url), asRole('operator'), asRole('auditor')];
  const { env, now } = terminal;
  const server = await checkServer({ api, asOperator, asAuditor, key, now });
  const answers = server.some(({ check, status }) => check === 'HTTP' && status === 'ok');
  const findings = [
    ...(await checkMachine({ home: homeOf(options, terminal), env })),
    ...(await checkDatabases(env)),
    ...(await checkNetwork(env, now)),
    ...server,
    ...(answers ? await checkBacklog(api, asOperator, now) : []),
  ];
  const problems = findings.filter(({ status }) => status === 'problem').length;
  if (options.json) screen.json({ ok: problems === 0, checks: findings });
  else printTable(findings, problems, screen);
  exit(problems === 0 ? 0 : 1);
}

function printTable(findings: Finding[], problems: number, screen: Screen): void {
  const width = Math.max(...findings.map(({ check }) => check.length));
  const styles = { ok: 'good', problem: 'bad', note: 'warn', skipped: 'quiet' } as const;
  for (const { check, status, detail, fix } of findings) {
    screen.print(`${screen.paint(styles[status], MARKS[status].padEnd(8))} ${check.padEnd(width)}  ${plain(detail)}`);
    if (fix !== undefined) screen.print(`${' '.repeat(9 + width)}  fix: ${plain(fix)}`);
  }
  screen.print(problems === 0 ? 'Nothing is wrong.' : `${count(problems, 'problem')}.`);
}

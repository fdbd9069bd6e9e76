import { Command, CommanderError } from 'commander';
import { addDisasters } from './disasters.command.js';
import { addConnector } from './connector.command.js';
import { addDlq } from './dlq.command.js';
import { addDoctor } from './doctor.command.js';
import { explain, explainAsJson } from './failure.js';
import { addKeys } from './keys.command.js';
import { addLog } from './log.command.js';
import { addLoginAccounts } from './login-accounts.command.js';
import type { Cli } from './options.js';
import { addPublish } from './publish.command.js';
import { addRebuild } from './rebuild.command.js';
import { Screen } from './screen.js';
import type { Terminal } from './terminal.js';
import { addToken } from './token.command.js';
import { addVerify } from './verify.command.js';

const VERSION = '0.1.0';

/** Runs one command. Answers the exit code: 0 good, 1 something is wrong with what was looked at, 2 it could not be done. Never rejects. */
export async function main(args: readonly string[], terminal: Terminal): Promise<number> {
  const screen = new Screen(terminal);
  let code = 0;
  const program = programOf({ screen, terminal, exit: (wanted) => (code = wanted) });
  try {
    await program.parseAsync(args, { from: 'user' });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    if (args.includes('--json')) screen.json(explainAsJson(error));
    explain(error).forEach((line) => screen.note(line));
    if (terminal.env['DEBUG']?.includes('attesta')) screen.note(String((error as Error).stack));
    return 2;
  }
}

function programOf(cli: Cli): Command {
  const { stdout, stderr } = cli.terminal;
  const program = new Command('attesta')
    .description('Publish to a privacy compliance ledger, verify it, and look after it')
    .version(VERSION)
    .exitOverride()
    .configureOutput({ writeOut: (text) => stdout.write(text), writeErr: (text) => stderr.write(text) })
    .showHelpAfterError('(attesta --help, or --help behind a command, tells more)')
    .addHelpText(
      'after',
      '\nExit codes: 0 good, 1 something is wrong with what was looked at, 2 it could not be done.\n\nExample:\n  attesta verify evidence.zip',
    );
  addPublish(program, cli);
  addVerify(program, cli);
  addLog(program, cli);
  addDlq(program, cli);
  addRebuild(program, cli);
  addDisasters(program, cli);
  addDoctor(program, cli);
  addKeys(program, cli);
  addConnector(program, cli);
  addToken(program, cli);
  addLoginAccounts(program, cli);
  return program;
}

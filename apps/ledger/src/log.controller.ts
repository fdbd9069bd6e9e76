import { CurrentPrincipal, Limited, Problem, Public, type Principal } from '@attesta/service-kit';
import { Controller, Get, Header, Inject, Req, Res } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { Ledger } from './ledger.js';
import { LEDGER_SETTINGS, type LedgerSettings } from './ledger.settings.js';
import { NoSuchFile } from './log-files.js';

const FOREVER = 'public, max-age=31536000, immutable';

/** The log by the C2SP tlog-tiles paths. Hashes are open to everybody; entries to auditors, unless the operator opened them. */
@ApiTags('log')
@Controller('log')
@Limited('log')
export class LogController {
  constructor(
    @Inject(Ledger) private readonly ledger: Ledger,
    @Inject(LEDGER_SETTINGS) private readonly settings: LedgerSettings,
  ) {}

  @Get('checkpoint')
  @Public()
  @Header('Content-Type', 'text/plain; charset=utf-8')
  @Header('Cache-Control', 'no-cache')
  @ApiOperation({ summary: 'The newest signed checkpoint (C2SP tlog-checkpoint)' })
  async checkpoint(@Res({ passthrough: true }) response: Response): Promise<string> {
    const note = await this.ledger.files.checkpoint();
    if (note === undefined) throw Problem.notFound('Nothing is signed yet.', 'Ask again a second after the first event was sealed.');
    response.vary('Accept-Encoding');
    return note;
  }

  @Get('checkpoint/witnessed')
  @Public()
  @Header('Content-Type', 'text/plain; charset=utf-8')
  @Header('Cache-Control', 'no-cache')
  @ApiOperation({ summary: 'The newest checkpoint that enough witnesses signed (C2SP tlog-cosignature)' })
  async witnessed(): Promise<string> {
    const note = await this.ledger.files.witnessedCheckpoint();
    if (note === undefined)
      throw Problem.notFound('No checkpoint is witnessed.', 'Take /log/checkpoint; witnesses are named in ATTESTA_WITNESS_POLICY.');
    return note;
  }

  @Get('key')
  @Public()
  @Header('Content-Type', 'text/plain; charset=utf-8')
  @ApiOperation({ summary: 'The verifier key line of this log (C2SP signed-note)' })
  key(): string {
    return `${this.ledger.verifierKey}\n`;
  }

  @Get('key/changes')
  @Public()
  @Header('Cache-Control', 'no-cache')
  @ApiOperation({
    summary: 'The notes that tell of changes of the key of this log',
    description: 'C2SP signed notes, oldest first, each signed by the old key and the new one. Whoever trusts one key is led to the next.',
  })
  keyChanges(): string[] {
    return this.ledger.secrets.logKeys.changes();
  }

  @Get('tile/*path')
  @Public()
  @ApiOperation({ summary: 'Hash tiles and entry bundles (C2SP tlog-tiles)' })
  async tile(@Req() request: Request, @Res() response: Response, @CurrentPrincipal() principal: Principal | undefined): Promise<void> {
    const path = request.path.replace(/^\/log\//, '');
    const entries = path.startsWith('tile/entries/');
    if (entries) this.mayReadEntries(principal);
    try {
      const bytes = await this.ledger.files.read(path);
      response.setHeader('Content-Type', 'application/octet-stream');
      response.setHeader('Cache-Control', entries && this.settings.logEntries !== 'open' ? FOREVER.replace('public', 'private') : FOREVER);
      response.end(bytes);
    } catch (error) {
      if (!(error instanceof NoSuchFile)) throw error;
      throw Problem.notFound(
        `There is no such tile: ${error.message}.`,
        'Fetch tiles for the size of a checkpoint, by the paths of c2sp.org/tlog-tiles.',
      );
    }
  }

  private mayReadEntries(principal: Principal | undefined): void {
    if (this.settings.logEntries === 'open') return;
    if (!principal) throw Problem.unauthorized('Entries are open to auditors alone.', 'Send the token of an auditor.');
    if (!principal.roles.includes('auditor'))
      throw Problem.forbidden('Entries are open to auditors alone.', 'Use a token with the role auditor.', 'role-required');
  }
}

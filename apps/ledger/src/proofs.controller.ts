import { formatProof, openNote, parseCheckpoint, parseVerifierKey, toBase64 } from '@attesta/proof';
import { nodePrimitives } from '@attesta/proof/node';
import { Limited, Problem, Public } from '@attesta/service-kit';
import { Controller, Get, Header, Inject, Query } from '@nestjs/common';
import { ApiOperation, ApiProperty, ApiPropertyOptional, ApiTags } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsInt, IsOptional, Min } from 'class-validator';
import { Ledger } from './ledger.js';

export class InclusionQuery {
  @ApiProperty({ description: 'Position of the entry' }) @Type(() => Number) @IsInt() @Min(0) position!: number;
}

export class ConsistencyQuery {
  @ApiProperty({ description: 'Size of the older tree' }) @Type(() => Number) @IsInt() @Min(0) from!: number;
  @ApiPropertyOptional({ description: 'Size of the newer tree; the newest checkpoint without it' })
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(0)
  to?: number;
}

/** Proofs for those who would rather not compute them from tiles. They reveal hashes alone. */
@ApiTags('proofs')
@Controller('v1/proofs')
@Limited('log')
export class ProofsController {
  constructor(@Inject(Ledger) private readonly ledger: Ledger) {}

  @Get('inclusion')
  @Public()
  @Header('Content-Type', 'text/plain; charset=utf-8')
  @ApiOperation({ summary: 'That an entry is in the log, as a C2SP tlog-proof file' })
  async inclusion(@Query() { position }: InclusionQuery): Promise<string> {
    const { note, size } = await this.newest();
    if (position >= size) throw beyond(size);
    const proof = await this.ledger.log.inclusionProof(position, size);
    return formatProof({ index: position, proof, checkpoint: note });
  }

  @Get('consistency')
  @Public()
  @ApiOperation({ summary: 'That a newer tree only added to an older one (RFC 6962 section 2.1.2), hashes in base64' })
  async consistency(@Query() { from, to }: ConsistencyQuery): Promise<{ from: number; to: number; proof: string[] }> {
    const { size } = await this.newest();
    const until = to ?? size;
    if (until > size || from > until) throw beyond(size);
    const proof = await this.ledger.log.consistencyProof(from, until);
    return { from, to: until, proof: proof.map(toBase64) };
  }

  private async newest(): Promise<{ note: string; size: number }> {
    const note = await this.ledger.files.checkpoint();
    if (note === undefined) throw beyond(0);
    const { text } = openNote(nodePrimitives, note, [parseVerifierKey(this.ledger.verifierKey)]);
    return { note, size: parseCheckpoint(text).size };
  }
}

const beyond = (size: number): Problem =>
  Problem.notFound(
    `The newest checkpoint covers ${size} entries.`,
    'Ask for positions and sizes it covers; a new entry is covered within a second.',
    'beyond-checkpoint',
  );

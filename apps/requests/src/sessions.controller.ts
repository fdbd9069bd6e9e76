import { CurrentPrincipal, Optional, Public, Required, Roles, type Principal } from '@attesta/service-kit';
import { Body, Controller, Get, Header, HttpCode, Inject, Ip, Post } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import { IsEmail, Matches, MaxLength } from 'class-validator';
import { Id } from './lower-uuid.pipe.js';
import { Sessions, type AskedSession, type PersonSession } from './sessions.js';

export class SessionBody {
  @Required({ description: 'Where the code goes' }, IsEmail(), MaxLength(254)) email!: string;
  @Optional({ description: 'BCP 47; en without it', default: 'en' }, Matches(/^[a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*$/)) language?: string;
}

export class SessionCodeBody {
  @Required({ description: 'Six digits' }, Matches(/^\d{6}$/)) code!: string;
}

/** People without an account: a code by mail opens what is theirs, for half an hour. A token cannot be called back before; whoever ends a session forgets it. */
@ApiTags('sessions')
@Controller('v1/sessions')
export class SessionsController {
  constructor(@Inject(Sessions) private readonly sessions: Sessions) {}

  @Post()
  @Public()
  @HttpCode(202)
  @ApiOperation({
    summary: 'Send a six-digit code to an e-mail address, to prove that it is one’s own',
    description: 'The answer is the same whether somebody is known by the address or not. Codes live ten minutes.',
  })
  open(@Body() { email, language = 'en' }: SessionBody, @Ip() caller: string): Promise<AskedSession> {
    return this.sessions.open({ email, language }, caller);
  }

  @Post(':id/code')
  @Public()
  @HttpCode(202)
  @ApiOperation({ summary: 'Another code; the one before is void' })
  code(@Id() id: string, @Ip() caller: string): Promise<AskedSession> {
    return this.sessions.sendAgain(id, caller);
  }

  @Post(':id/token')
  @Public()
  @HttpCode(200)
  @Header('cache-control', 'no-store')
  @ApiOperation({ summary: 'The access token for the code, once; five wrong codes end the session' })
  token(@Id() id: string, @Body() { code }: SessionCodeBody): Promise<PersonSession> {
    return this.sessions.prove(id, code);
  }

  @Post('current/named')
  @Roles('subject')
  @ApiBearerAuth()
  @HttpCode(200)
  @Header('cache-control', 'no-store')
  @ApiOperation({ summary: 'A token with the subject id, for somebody whom the ledger has come to know since theirs was made' })
  named(@CurrentPrincipal() principal: Principal): Promise<PersonSession> {
    return this.sessions.named(principal);
  }
}

/** What other services verify those tokens with. */
@ApiTags('sessions')
@Controller('people')
export class PeopleController {
  constructor(@Inject(Sessions) private readonly sessions: Sessions) {}

  @Get('.well-known/openid-configuration')
  @Public()
  @ApiOperation({ summary: 'The issuer of tokens of people without an account (OpenID Connect Discovery)' })
  discovery() {
    return this.sessions.issuer.discovery;
  }

  @Get('jwks')
  @Public()
  @ApiOperation({ summary: 'Its public keys (RFC 7517)' })
  jwks() {
    return this.sessions.issuer.jwks;
  }
}

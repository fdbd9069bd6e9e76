import { CurrentPrincipal, Roles, type Principal } from '@attesta/service-kit';
import { Body, Controller, Get, HttpCode, Inject, Param, Post } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import { PostingBody } from './bodies.js';
import { Notification } from './notification.js';
import { noSuchWave, type WaveView } from './waves.js';

/** Changes of the notice, and how far people are told of each (notice introduction). */
@ApiTags('notice changes')
@ApiBearerAuth()
@Controller('v1/notice-changes')
export class WavesController {
  constructor(@Inject(Notification) private readonly notification: Notification) {}

  @Get()
  @Roles('dpo', 'auditor', 'operator')
  @ApiOperation({ summary: 'What everybody is told, the newest first, with its progress' })
  async list(): Promise<{ data: WaveView[] }> {
    return { data: await this.notification.waves.list() };
  }

  @Get(':version')
  @Roles('dpo', 'auditor', 'operator')
  @ApiOperation({ summary: 'How many are told of a version of the notice, wait, or cannot be reached' })
  async one(@Param('version') version: string): Promise<WaveView> {
    const view = await this.notification.waves.view(this.notification.pool, waveOf(version));
    if (!view) throw noSuchWave();
    return view;
  }

  @Post(':version/pause')
  @Roles('dpo', 'operator')
  @HttpCode(200)
  @ApiOperation({ summary: 'Write no more messages of it; those that wait still leave' })
  pause(@Param('version') version: string): Promise<WaveView> {
    return this.notification.waves.set(waveOf(version), 'paused');
  }

  @Post(':version/resume')
  @Roles('dpo', 'operator')
  @HttpCode(200)
  @ApiOperation({ summary: 'Go on where it was paused' })
  resume(@Param('version') version: string): Promise<WaveView> {
    return this.notification.waves.set(waveOf(version), 'running');
  }

  @Post(':version/posting')
  @Roles('dpo')
  @HttpCode(200)
  @ApiOperation({ summary: 'Record that the website shows it: the least that the notice promises' })
  post(
    @Param('version') version: string,
    @Body() { uri, language = 'en' }: PostingBody,
    @CurrentPrincipal() principal: Principal,
  ): Promise<WaveView> {
    return this.notification.waves.post(version, { uri, language }, principal.sub);
  }
}

const waveOf = (version: string): string => `notice:${version}`;

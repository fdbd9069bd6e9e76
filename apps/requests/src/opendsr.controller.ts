import { AccessRecorder, CurrentPrincipal, type Principal, Problem, Public, Roles } from '@attesta/service-kit';
import { Body, Controller, Delete, Get, Header, HttpCode, Inject, Param, Post, Res, StreamableFile } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import { OpenDsr } from './opendsr.js';

/** Requests that other controllers pass on: OpenDSR 2.0, formerly OpenGDPR. Answers are signed, byte for byte. */
@ApiTags('opendsr')
@ApiBearerAuth()
@Controller('opendsr/v2')
export class OpenDsrController {
  constructor(
    @Inject(OpenDsr) private readonly openDsr: OpenDsr,
    @Inject(AccessRecorder) private readonly access: AccessRecorder,
  ) {}

  @Get('discovery')
  @Public()
  @ApiOperation({ summary: 'What identities and requests are understood, and the certificate that answers are signed with' })
  discovery(@Res({ passthrough: true }) response: Response): Promise<string> {
    return this.signed(response, () => Promise.resolve(this.openDsr.discovery()));
  }

  @Get('certificate.pem')
  @Public()
  @Header('content-type', 'application/x-pem-file')
  @ApiOperation({ summary: 'The certificate (X.509, PEM)' })
  certificate(): string {
    return this.openDsr.options.signer.certificate;
  }

  @Post('requests')
  @Roles('publisher')
  @ApiOperation({
    summary: 'Pass on a request of access, portability or erasure; the controller has proved who the person is',
    description: 'Idempotent by `subject_request_id`: the same request again changes nothing, another one under the same id is refused.',
  })
  submit(@Body() body: Buffer, @CurrentPrincipal() { sub }: Principal, @Res({ passthrough: true }) response: Response): Promise<string> {
    return this.signed(response, () => this.openDsr.submit(body, sub));
  }

  @Get('requests/:id')
  @Roles('publisher')
  @ApiOperation({ summary: 'The status of a request, by its subject_request_id' })
  status(@Param('id') id: string, @CurrentPrincipal() { sub }: Principal, @Res({ passthrough: true }) response: Response): Promise<string> {
    return this.signed(response, () => this.openDsr.status(sub, id));
  }

  @Delete('requests/:id')
  @Roles('publisher')
  @HttpCode(202)
  @ApiOperation({ summary: 'Cancel a request that is pending' })
  cancel(@Param('id') id: string, @CurrentPrincipal() { sub }: Principal, @Res({ passthrough: true }) response: Response): Promise<string> {
    return this.signed(response, () => this.openDsr.cancel(sub, id));
  }

  @Get('requests/:id/results')
  @Roles('publisher')
  @Header('cache-control', 'no-store')
  @ApiOperation({ summary: 'The copy of the data (ZIP), until it expires; the look is recorded' })
  async results(@Param('id') id: string, @CurrentPrincipal() principal: Principal): Promise<StreamableFile> {
    const { subject, zip } = await inTheirWords(() => this.openDsr.results(principal.sub, id));
    await this.access.allowed(principal, { action: 'request.results', resource: 'GET /opendsr/v2/requests/:id/results', subject });
    return new StreamableFile(zip, {
      type: 'application/zip',
      disposition: 'attachment; filename="personal-data.zip"',
      length: zip.length,
    });
  }

  private async signed(response: Response, work: () => Promise<object>): Promise<string> {
    const body = JSON.stringify(await inTheirWords(work));
    response.set({
      ...this.openDsr.options.signer.headers(body),
      'content-type': 'application/json; charset=utf-8',
      'cache-control': 'no-store',
    });
    return body;
  }
}

/** What goes wrong, as OpenDSR 7.5 and 7.6 say it, within the problem document: all that a controller did wrong is 400. */
async function inTheirWords<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof Problem) || error.getStatus() >= 500) throw error;
    const { slug, title, detail, fix, errors, headers } = error;
    const status = [409, 422].includes(error.getStatus()) ? 400 : error.getStatus();
    const described = errors?.map(({ field, code, message }) => ({ domain: 'Validation', reason: code, message: `${field} ${message}` }));
    const inner = {
      code: status,
      message: detail ?? title,
      errors: described ?? [{ domain: 'Request', reason: slug, message: detail ?? title }],
    };
    throw new Problem(
      {
        slug,
        status,
        title,
        headers,
        extensions: { error: inner },
        ...(detail !== undefined && { detail }),
        ...(fix !== undefined && { fix }),
        ...(errors && { errors }),
      },
      { cause: error },
    );
  }
}

import { Public } from '@attesta/service-kit';
import { Controller, Get, Header, HttpCode, Inject, Param, Post, StreamableFile } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { noSuchLink } from './packages.js';
import { Requests } from './requests.js';

/** Where a one-time link leads. Reading the page uses nothing up: mail programs look at links before people do. */
@ApiTags('requests')
@Controller('v1/packages')
export class PackagesController {
  constructor(@Inject(Requests) private readonly requests: Requests) {}

  @Get(':token')
  @Public()
  @Header('content-type', 'text/html; charset=utf-8')
  @Header('cache-control', 'no-store')
  @Header('referrer-policy', 'no-referrer')
  @ApiOperation({ summary: 'A page with the button that downloads the package' })
  async page(@Param('token') token: string): Promise<string> {
    if (!(await this.requests.packages.waits(token))) throw noSuchLink();
    return PAGE;
  }

  @Post(':token')
  @Public()
  @HttpCode(200)
  @Header('cache-control', 'no-store')
  @ApiOperation({ summary: 'The package (ZIP), once' })
  async download(@Param('token') token: string): Promise<StreamableFile> {
    const zip = await this.requests.packages.download(token);
    return new StreamableFile(zip, {
      type: 'application/zip',
      disposition: 'attachment; filename="personal-data.zip"',
      length: zip.length,
    });
  }
}

const PAGE = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Your personal data · ข้อมูลส่วนบุคคลของคุณ</title>
<main>
<h1>Your personal data</h1>
<p>The file can be downloaded once. Keep it in a safe place.</p>
<p lang="th">ดาวน์โหลดไฟล์ได้เพียงครั้งเดียว โปรดเก็บไว้ในที่ปลอดภัย</p>
<form method="post"><button>Download · <span lang="th">ดาวน์โหลด</span></button></form>
</main>
</html>
`;

import { randomUUID } from 'node:crypto';
import { accessEvent, CurrentPrincipal, type Principal, Problem, Roles } from '@attesta/service-kit';
import { retriedTransaction } from '@attesta/transport';
import { Body, Controller, Delete, Get, HttpCode, Inject, Param, ParseUUIDPipe, Post } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Audit } from './audit.js';
import { printSearch } from './search-language.js';
import { peopleNamed } from './search-matching.js';
import { looksPersonal, readQuery, shapeOf } from './search-personal.js';
import { ViewBody } from './search-queries.js';
import { countViews, removeView, saveView, viewsOf, type SavedView } from './views.js';

const MOST_VIEWS = 200;

@ApiTags('search')
@ApiBearerAuth()
@Controller('v1/views')
@Roles('auditor', 'dpo')
export class ViewsController {
  constructor(@Inject(Audit) private readonly audit: Audit) {}

  @Get()
  @ApiOperation({ summary: 'Saved queries: your own, and those that others share' })
  async views(@CurrentPrincipal() principal: Principal): Promise<{ data: SavedView[] }> {
    return { data: await viewsOf(this.audit.pool, principal.sub) };
  }

  @Post()
  @ApiOperation({
    summary: 'Save a query under a name',
    description: 'Neither the name nor the query may lead to a person. The same id with the same view twice is one view. Recorded.',
  })
  async save(@Body() body: ViewBody, @CurrentPrincipal() principal: Principal): Promise<SavedView> {
    const query = readQuery(body.query);
    if (peopleNamed(query).length > 0) {
      throw Problem.badRequest(
        'A saved view names no person.',
        'Save the query without subject:, and add it when you search.',
        undefined,
        'view-names-a-person',
      );
    }
    const id = (body.id ?? randomUUID()).toLowerCase();
    const wanted = { id, name: nameOf(body.name), query: printSearch(query), shared: body.shared };
    const saved = await this.recorded(principal, 'view.saved', `POST /v1/views ${shapeOf(query)}`.trim(), async (tx) => {
      const found = await saveView(tx, wanted, principal.sub, this.audit.now());
      if (!found) throw Problem.conflict('Another view has this id.', 'Leave the id out, or choose another.', 'view-exists');
      if (found.fresh && (await countViews(tx, principal.sub)) > MOST_VIEWS) {
        throw Problem.conflict(`You have ${MOST_VIEWS} saved views.`, 'Remove some first.', 'too-many-views');
      }
      return { result: found.view, changed: found.fresh };
    });
    return saved;
  }

  @Delete(':id')
  @HttpCode(204)
  @ApiOperation({ summary: 'Remove a saved query', description: 'Your own; a dpo also those that others share. Recorded.' })
  async remove(@Param('id', new ParseUUIDPipe()) id: string, @CurrentPrincipal() principal: Principal): Promise<void> {
    await this.recorded(principal, 'view.removed', 'DELETE /v1/views/:id', async (tx) => {
      if (await removeView(tx, id.toLowerCase(), principal.sub, principal.roles.includes('dpo')))
        return { result: undefined, changed: true };
      throw Problem.notFound('You have no view with this id.', 'GET /v1/views lists what there is.', 'unknown-view');
    });
  }

  /** What changed is recorded with the change, or neither happens. */
  private recorded<T>(
    principal: Principal,
    action: string,
    resource: string,
    work: (tx: Parameters<Parameters<typeof retriedTransaction>[1]>[0]) => Promise<{ result: T; changed: boolean }>,
  ): Promise<T> {
    return retriedTransaction(this.audit.pool, async (tx) => {
      const { result, changed } = await work(tx);
      if (changed)
        await this.audit.log.append(tx, 'access', 'any', [accessEvent(principal, { action, resource }, 'allowed', this.audit.now())]);
      return result;
    });
  }
}

const LINE = /^[^\p{Cc}\p{Cs}]+$/u;

function nameOf(given: string): string {
  const name = given.trim().replaceAll(/\s+/g, ' ');
  if (name === '' || !LINE.test(name)) {
    throw Problem.badRequest('The name is no line of text.', 'Send letters, digits, signs and blanks.', undefined, 'view-name');
  }
  const kind = looksPersonal(name);
  if (kind !== undefined) {
    throw Problem.badRequest(
      `The name seems to hold ${kind}.`,
      'Call the view by what it finds, not by whom.',
      undefined,
      'personal-value-in-name',
    );
  }
  return name;
}

import { Optional, OptionalReason, Reason, Required, RequiredOneOf, Whole } from '@attesta/service-kit';
import { IsBoolean, IsString, IsUUID, Length, Matches, MaxLength } from 'class-validator';
import { EXPORT_FORMATS, type ExportFormat } from './exports-format.js';

const CURSOR = /^\d{1,16}-[0-9a-f]{8}$/;
/** The parser says what is too long, and where; this only keeps the work small. */
const Q = (description: string) => Optional({ description }, IsString(), MaxLength(20_000));
const Reference = () => Optional({ description: 'Id that the caller chooses, so that the same request twice does one thing' }, IsUUID());
const ListLimit = () => Whole({ default: 50, maximum: 500 }, 1, 500);

export class SearchParameters {
  @Q('Qualifiers and words, such as `type:consent.* purpose:marketing -channel:app created:>=2026-01-01`; everything without it') q = '';
  @Whole({ description: 'The registers as they stood at this position of the log; the newest without it' }) as_of?: number;
  @Optional(
    { description: 'next_cursor of the page before, of the same query; ask with the asOf.position of the first page as as_of' },
    Matches(CURSOR, { message: '$property must be the next_cursor of a page before' }),
  )
  cursor?: string;
  @ListLimit() limit = 50;
  @OptionalReason('Why you look; recorded. Required where the query names a person') reason?: string;
}

export class ViewBody {
  @Required({ description: 'What the view is called' }, IsString(), Length(1, 80)) name!: string;
  @Required({ description: 'A query of GET /v1/search that names no person' }, IsString(), MaxLength(20_000)) query!: string;
  @Optional({ type: Boolean, description: 'Everybody who may search sees it', default: false }, IsBoolean()) shared = false;
  @Reference() id?: string;
}

export class ExportBody {
  @Q('Entries that this query of GET /v1/search finds; an empty query is all of them') q?: string;
  @Optional({ description: 'Or all rows of this register' }, IsString(), Length(1, 64)) register?: string;
  @RequiredOneOf(EXPORT_FORMATS, { description: 'evidence: ZIP of entries with their proofs, of a query only' }) format!: ExportFormat;
  @Reason('What the export is for; recorded') reason!: string;
  @Reference() id?: string;
}

export class ExportsParameters {
  @ListLimit() limit = 50;
  @Optional(
    { description: 'next_cursor of the page before' },
    Matches(/^\d{1,15}-[0-9a-f-]{36}$/, { message: '$property must be the next_cursor of a page before' }),
  )
  cursor?: string;
}

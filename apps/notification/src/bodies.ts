import { Id, IsPolicyId, OneOf, Optional, Required, RequiredOneOf, Time, Whole } from '@attesta/service-kit';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsBoolean,
  IsObject,
  IsString,
  IsUrl,
  IsUUID,
  Length,
  Matches,
  ValidateNested,
} from 'class-validator';

const SOURCE = /^[^\s\p{Cc}\p{Cs}]{1,300}$/u;
const MESSAGE_ID = /^[^\p{Cc}\p{Cs}]{1,200}$/u;
const LANGUAGE = /^[a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*$/;

export class MessageBody {
  @Required(
    { description: 'Yours, unique within the source: the same is one message, however often it is sent' },
    IsString(),
    Matches(MESSAGE_ID, { message: 'id must be 1 to 200 characters without control characters' }),
  )
  id!: string;

  @Required(
    { description: 'Whom it is to: scheme|value, a subject ref or a subject id', example: 'account|c-1001' },
    IsString(),
    Length(3, 300),
  )
  subject!: string;

  @RequiredOneOf(['announcement', 'service-message'], { description: 'announcement is marketing, and needs consent' })
  template!: 'announcement' | 'service-message';

  @OneOf(['email', 'sms'], { description: 'Needed for an announcement; without it whichever the person can be reached by' })
  channel?: 'email' | 'sms';

  @Id('Lawful basis of a service message; contract, without it')
  basis?: string;

  @Optional({ description: 'BCP 47; the person’s, without it' }, IsString(), Matches(LANGUAGE))
  language?: string;

  @Time('When to send it, at the earliest (RFC 3339); until then whoever says stop is not written to')
  sendAt?: string;

  @Required({ description: 'Fields of the template (docs/messages.md); kept encrypted until the message left', type: Object }, IsObject())
  values!: Record<string, unknown>;
}

export class MessagesBody {
  @Required(
    { description: 'Who sends: a source that the token may speak for', example: '//crm.m-med.example' },
    IsString(),
    Matches(SOURCE),
  )
  source!: string;

  @Required({ type: [MessageBody] }, IsArray(), ArrayMinSize(1), ArrayMaxSize(500), ValidateNested({ each: true }), Type(() => MessageBody))
  messages!: MessageBody[];
}

export class ListMessagesQuery {
  @Optional({ description: 'scheme|value is not taken here, for URLs are logged everywhere: a subject id' }, IsUUID())
  subject?: string;

  @OneOf(['queued', 'handing', 'handed-off', 'in-flight', 'delivered', 'bounced', 'suppressed', 'failed'])
  status?: string;

  @Optional({}, IsPolicyId())
  template?: string;

  @Optional({ description: 'notice:<version> or breach:<id>' }, IsString(), Length(1, 100))
  wave?: string;

  @Optional({ description: 'next_cursor of the page before' }, IsUUID())
  cursor?: string;

  @Whole({ default: 100 }, 1, 500)
  limit?: number;
}

export class DeliveryBody {
  @RequiredOneOf(['delivered', 'bounced'])
  outcome!: 'delivered' | 'bounced';

  @Optional({ description: 'The address takes nothing, so that nothing more is sent to it' }, IsBoolean())
  permanent?: boolean;

  @Optional({ description: 'RFC 3463', example: '5.1.1' }, IsString(), Matches(/^[245]\.\d{1,3}\.\d{1,3}$/))
  status?: string;
}

export class PostingBody {
  @Required({ description: 'Where the website shows it' }, IsUrl({ protocols: ['https'], require_protocol: true }), Length(1, 500))
  uri!: string;

  @Optional({ default: 'en' }, IsString(), Matches(LANGUAGE))
  language?: string;
}

export class PageQuery {
  @Optional({ description: 'next_cursor of the page before' }, IsUUID())
  cursor?: string;

  @Whole({ default: 100 }, 1, 500)
  limit?: number;
}

export class EndpointBody {
  @Required({ description: 'https; http for this machine alone' }, IsString(), Length(1, 500))
  url!: string;

  @Optional({ description: 'Kinds of alerts; without it all', type: [String] }, IsArray(), ArrayMinSize(1), ArrayMaxSize(32), IsPolicyIds())
  kinds?: string[];
}

function IsPolicyIds(): PropertyDecorator {
  return Matches(/^[a-z0-9][a-z0-9-]{0,63}$/, { each: true });
}

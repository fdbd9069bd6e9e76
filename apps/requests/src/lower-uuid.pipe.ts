import { Param, ParseUUIDPipe, type ArgumentMetadata } from '@nestjs/common';

/** An id in a path, in the one spelling that keys and digests are bound to (RFC 9562: read in either case, written in lower case). */
class LowerUuidPipe extends ParseUUIDPipe {
  override async transform(value: string, metadata: ArgumentMetadata): Promise<string> {
    return (await super.transform(value, metadata))?.toLowerCase() ?? '';
  }
}

/** Such an id of the path. */
export const Id = (name = 'id'): ParameterDecorator => Param(name, new LowerUuidPipe());

/** A command that the request, as it stands, does not take. */
export class NotNow extends Error {
  override readonly name = 'NotNow';

  constructor(
    readonly code: string,
    message: string,
    readonly fix: string,
    /** JSON pointer into the command, when it is the command that is wrong and not its moment. */
    readonly field?: string,
  ) {
    super(message);
  }
}

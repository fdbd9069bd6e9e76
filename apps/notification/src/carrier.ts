/** A message as it leaves: written out, with the address. Held in memory alone. */
export interface Letter {
  /** The message's id: the same when it is handed over again, so that whoever takes it can tell. */
  id: string;
  /** E-mail address, or telephone number in E.164. */
  to: string;
  language: string;
  /** Empty where the channel has none. */
  subject: string;
  text: string;
  html?: string;
  /** Where one click ends such messages (RFC 8058); of marketing alone. */
  unsubscribe?: string;
}

/** Takes messages of one channel to whoever carries them further. */
export interface Carrier {
  /** Resolves once the message was taken: it cannot be called back then. @throws NotCarried when it was not, or nobody knows */
  send(letter: Letter): Promise<void>;
  close(): Promise<void> | void;
}

/** A message was not taken. Says neither address nor text. */
export class NotCarried extends Error {
  override readonly name = 'NotCarried';
  constructor(
    message: string,
    /** `refused`: this address or message never will be. `unreachable`: try again later, under the same id. */
    readonly reason: 'refused' | 'unreachable',
    /** The address takes no mail at all (SMTP 5.1.x): nothing more is sent to it. */
    readonly dead = false,
    /** It may have been taken all the same: the answer did not come. */
    readonly unsure = false,
  ) {
    super(message);
  }
}

import { createContext, use, useSyncExternalStore } from 'react';

/** Who has proved their e-mail address. Held in memory alone: leaving or closing the page forgets it. */
export interface Person {
  email: string;
  token: string;
  /** Subject id; null for somebody whom nothing is known of yet. */
  subject: string | null;
}

/** `POST /v1/sessions/:id/token` of the requests service. */
export interface Proved {
  access_token: string;
  expires_in: number;
  subject: string | null;
}

export class PersonSession {
  private person: Person | undefined;
  private ended: 'by-time' | undefined;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private readonly listeners = new Set<() => void>();

  /** @param onEnd forgets whatever was asked for about the person */
  constructor(private readonly onEnd: () => void) {}

  readonly current = (): Person | undefined => this.person;
  readonly token = (): string | undefined => this.person?.token;
  /** Whether the last one ended because its time was over. */
  readonly isOver = (): boolean => this.ended === 'by-time';

  begin(email: string, { access_token: token, expires_in: seconds, subject }: Proved): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.end('by-time'), seconds * 1000);
    this.ended = undefined;
    this.person = { email, token, subject };
    this.tell();
  }

  readonly end = (why?: 'by-time'): void => {
    if (!this.person) return;
    clearTimeout(this.timer);
    this.person = undefined;
    this.ended = why;
    this.onEnd();
    this.tell();
  };

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  private tell(): void {
    for (const listener of this.listeners) listener();
  }
}

export const PersonContext = createContext<PersonSession | undefined>(undefined);

export function usePersonSession(): PersonSession {
  const session = use(PersonContext);
  if (!session) throw new Error('There is no session around this component');
  return session;
}

/** Whoever has proved who they are, if anybody has. */
export function usePerson(): Person | undefined {
  const session = usePersonSession();
  return useSyncExternalStore(session.subscribe, session.current);
}

/** How a person names themself to the services: also before anything is known of them. */
export const nameOf = ({ subject, email }: Person): string => subject ?? `email|${email}`;

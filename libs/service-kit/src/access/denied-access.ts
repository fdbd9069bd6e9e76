import { Injectable, Logger } from '@nestjs/common';
import type { Principal } from './principal.js';

/** One refused request (notice clause 6.3). Carries the route's pattern, never the URL. */
export interface DeniedRequest {
  status: 401 | 403;
  /** Slug of the problem that was answered. */
  reason: string;
  method: string;
  /** `/v1/subjects/:id/timeline`, not the path that was asked for. */
  route: string;
  /** Absent when no valid token came. */
  principal?: Principal;
  requestId?: string;
}

export type DeniedListener = (denied: DeniedRequest) => void | Promise<void>;

/** Tells whoever registered about each 401 and 403 the service answers. A failing listener never changes the answer. */
@Injectable()
export class DeniedAccess {
  private readonly logger = new Logger('access');
  private readonly listeners = new Set<DeniedListener>();

  /** @returns a function that removes the listener */
  onDenied(listener: DeniedListener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  report(denied: DeniedRequest): void {
    for (const listener of this.listeners) {
      Promise.resolve()
        .then(() => listener(denied))
        .catch((error: unknown) => this.logger.error('recording a denied access failed', { error }));
    }
  }
}

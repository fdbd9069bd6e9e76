import { startChild } from './child.js';
import type { HttpTask, HttpTold } from './http-client.child.js';
import type { Workshop } from './workshop.js';

/** Runs an HTTP client in a process of its own, over kept connections, and says what it measured. */
export async function httpLoad({ cleanup }: Workshop, task: HttpTask): Promise<HttpTold> {
  const client = startChild<HttpTold>('./http-client.child.js', task, cleanup);
  try {
    return await client.heard((told) => told);
  } finally {
    await client.stop();
  }
}

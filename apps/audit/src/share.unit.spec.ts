import { Share } from './share.js';

/** A clock that only work and rests move. */
function clocked(share: number) {
  let now = 0;
  const stopping = new AbortController();
  const rest = (ms: number) => {
    now += ms;
    return Promise.resolve(undefined);
  };
  const turns = new Share(share, stopping.signal, () => now, rest);
  return { turns, stopping, at: () => now, work: (ms: number) => () => Promise.resolve((now += ms)) };
}

it('rests so long after each piece of work that no more than the share of the time is work', async () => {
  const { turns, work, at } = clocked(0.1);
  const done = await Promise.all([turns.take(work(5)), turns.take(work(10)), turns.take(work(1))]);
  expect(done).toEqual([5, 60, 151]);
  expect(at()).toBe(160);
});

it('does not rest where all of the time may be work', async () => {
  const { turns, work } = clocked(1);
  expect(await Promise.all([turns.take(work(5)), turns.take(work(5))])).toEqual([5, 10]);
});

it('goes on after work that failed, which its own caller is told', async () => {
  const { turns, work } = clocked(0.5);
  const failed = turns.take(() => Promise.reject(new Error('no')));
  const next = turns.take(work(1));
  await expect(failed).rejects.toThrow('no');
  expect(await next).toBe(1);
});

it('does nothing more once it is told to stop', async () => {
  const { turns, work, stopping } = clocked(0.5);
  await turns.take(work(1));
  stopping.abort();
  await expect(turns.take(work(1))).rejects.toThrow();
});

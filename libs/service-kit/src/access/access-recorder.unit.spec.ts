import { AccessRecorder } from './access-recorder.js';

const PRINCIPAL = { sub: 'auditor', roles: ['auditor' as const], sources: [] };
const look = (action: string) => ({ action, resource: 'GET /v1/collections' });

/** A log whose writes end when the spec says so. */
function slowLog() {
  const writes: { actions: string[]; end: () => void; fail: (error: Error) => void }[] = [];
  const recorder = new AccessRecorder({
    routes: /./,
    now: () => new Date(0),
    say: (events) =>
      new Promise<void>((end, fail) => writes.push({ actions: events.map(({ data }) => String(data['action'])), end, fail })),
  });
  return { writes, recorder };
}
const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('AccessRecorder', () => {
  it('answers a look when it is written, and not before', async () => {
    const { writes, recorder } = slowLog();
    let answered = false;
    const recorded = recorder.allowed(PRINCIPAL, look('one')).then(() => (answered = true));
    await turn();
    expect({ writes: writes.map(({ actions }) => actions), answered }).toEqual({ writes: [['one']], answered: false });
    writes[0]!.end();
    await recorded;
  });

  it('writes what came meanwhile together, in order', async () => {
    const { writes, recorder } = slowLog();
    const looks = [recorder.allowed(PRINCIPAL, look('one'))];
    await turn();
    looks.push(recorder.allowed(PRINCIPAL, look('two')), recorder.allowed(PRINCIPAL, look('three')));
    writes[0]!.end();
    await turn();
    expect(writes.map(({ actions }) => actions)).toEqual([['one'], ['two', 'three']]);
    writes[1]!.end();
    await Promise.all(looks);
  });

  it('fails those of a write that fails, and goes on with the next', async () => {
    const { writes, recorder } = slowLog();
    const first = recorder.allowed(PRINCIPAL, look('one'));
    await turn();
    const second = recorder.allowed(PRINCIPAL, look('two'));
    writes[0]!.fail(new Error('no database'));
    await expect(first).rejects.toThrow('no database');
    await turn();
    writes[1]!.end();
    await expect(second).resolves.toBeUndefined();
  });
});

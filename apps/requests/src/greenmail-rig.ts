import { execFile, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const home = fileURLToPath(new URL('../../../tools/greenmail', import.meta.url));
const jar = path.join(home, 'target', 'greenmail-standalone.jar');

/** A real mail server: what comes by SMTP is in the mailbox, by IMAP. */
export interface GreenMail {
  smtpPort: number;
  imapPort: number;
  imapsPort: number;
  stop: () => Promise<void>;
}

/**
 * A suite that needs a real mail server. Where none can be had it is one skipped test whose name says why; with REQUIRE_KAFKA=1, which promises Java and
 * Maven, one failing test where these are missing. Call at the top of a spec file with `await`.
 */
export async function describeGreenMail(name: string, suite: () => void): Promise<void> {
  const why = await missing();
  if (why === undefined) return describe(name, suite);
  const { reason, promised } = why;
  describe(name, () => {
    if (promised && process.env.REQUIRE_KAFKA === '1') {
      it('needs a mail server', () => {
        throw new Error(`REQUIRE_KAFKA=1, but there is no GreenMail. ${reason}`);
      });
      // eslint-disable-next-line no-restricted-syntax -- no mail server can be had here, and the name says so
    } else it.skip(`skipped, no GreenMail: ${reason}`, () => undefined);
  });
}

/** Why there is none; undefined when there is. Fetches it the first time (10 MB). */
async function missing(): Promise<{ reason: string; promised: boolean } | undefined> {
  const { stderr: version } = await run('java', ['-version']).catch(() => ({ stderr: '' }));
  if (Number(/version "(\d+)/.exec(version)?.[1] ?? 0) < 11)
    return { reason: 'It needs Java 11 or newer; install it (Debian: apt install openjdk-17-jre-headless).', promised: true };
  if (existsSync(jar)) return undefined;
  try {
    await run('mvn', [
      '-q',
      '-B',
      '-ntp',
      '-f',
      path.join(home, 'pom.xml'),
      'dependency:copy-dependencies',
      `-DoutputDirectory=${path.dirname(jar)}`,
    ]);
    return undefined;
  } catch (error) {
    const absent = (error as NodeJS.ErrnoException).code === 'ENOENT';
    return absent
      ? { reason: 'It is fetched through Maven; install it (Debian: apt install maven).', promised: true }
      : { reason: 'Maven could not fetch it; the first time needs the network.', promised: false };
  }
}

/** @param users as `name:password@domain`, whose mailbox is that of `name@domain` */
export async function startGreenMail(...users: string[]): Promise<GreenMail> {
  const [smtpPort, imapPort, imapsPort] = [await freePort(), await freePort(), await freePort()];
  const options = {
    hostname: '127.0.0.1',
    'smtp.port': smtpPort,
    'imap.port': imapPort,
    'imaps.port': imapsPort,
    users: users.join(','),
    'users.login': 'email',
  };
  const child = spawn(
    'java',
    ['-Xmx128m', '-XX:+UseSerialGC', ...Object.entries(options).map(([name, value]) => `-Dgreenmail.${name}=${value}`), '-jar', jar],
    { stdio: 'ignore' },
  );
  const ended = new Promise<void>((resolve) => {
    child.once('close', () => resolve());
    child.once('error', () => resolve());
  });
  // Test processes are killed at will, so another process watches this one and ends the server after it.
  const watch = 'while kill -0 "$1" 2>/dev/null && kill -0 "$2" 2>/dev/null; do sleep 1; done; kill -KILL "$2" 2>/dev/null';
  spawn('sh', ['-c', watch, 'sh', String(process.pid), String(child.pid)], { detached: true, stdio: 'ignore' }).unref();
  for (const port of [smtpPort, imapPort, imapsPort]) {
    for (const deadline = Date.now() + 30_000; !(await answers(port)); await pause(50)) {
      if (child.exitCode !== null || Date.now() > deadline) throw new Error('GreenMail did not come up.');
    }
  }
  const stop = async () => {
    child.kill('SIGKILL');
    await ended;
  };
  return { smtpPort, imapPort, imapsPort, stop };
}

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as AddressInfo;
      probe.close(() => resolve(port));
    });
  });

const answers = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(Boolean(socket.destroy())));
    socket.once('error', () => resolve(false));
  });

/** A network between client and server that a spec can cut: connections end, and new ones are refused until it is mended. */
export class Network {
  private readonly sockets = new Set<Socket>();
  private down = false;
  connections = 0;

  private constructor(private readonly server: Server) {}

  static async to(port: number): Promise<Network> {
    const server = createServer();
    const network = new Network(server);
    server.on('connection', (near) => {
      network.connections += 1;
      if (network.down) return near.resetAndDestroy();
      const far = connect(port, '127.0.0.1');
      for (const socket of [near, far]) {
        network.sockets.add(socket);
        socket.on('error', () => undefined);
        socket.on('close', () => (network.sockets.delete(socket), near.destroy(), far.destroy()));
      }
      near.pipe(far);
      far.pipe(near);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return network;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  cut(): void {
    this.down = true;
    for (const socket of this.sockets) socket.resetAndDestroy();
  }

  mend(): void {
    this.down = false;
  }

  async stop(): Promise<void> {
    this.cut();
    await new Promise<void>((resolve) => this.server.close(() => resolve()));
  }
}

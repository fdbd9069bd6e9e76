/* The whole system after the sample day, mail to people in a folder, and a browser in front of it. */
import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { Role } from '@attesta/service-kit';
import { TestBrowser, type Visitor } from '@attesta/testing/browser';
import { simpleParser, type ParsedMail } from 'mailparser';
import pg from 'pg';
import { playAgainst } from '../demo.run.js';
import { lastFullDay } from '../sample-day/play.js';
import { SHIPPED_POLICY } from '../shipped-files.js';
import { startStandalone, type Standalone } from '../standalone.js';

type Look = NonNullable<Parameters<TestBrowser['visitor']>[0]>;

export class WebSystem {
  private constructor(
    private readonly home: string,
    readonly system: Standalone,
    private readonly browser: TestBrowser,
  ) {}

  static async start(): Promise<WebSystem> {
    const home = await fs.mkdtemp(path.join(os.tmpdir(), 'attesta-web-'));
    await fs.chmod(home, 0o755); // PostgreSQL runs as another user when we are root
    const options = { home, port: 0, host: '127.0.0.1', origin: 'web.localhost/log', policyFile: SHIPPED_POLICY };
    const system = await startStandalone({ ...options, logLevel: 'off' });
    await playAgainst(system, lastFullDay(new Date()));
    return new WebSystem(home, system, await TestBrowser.start());
  }

  async stop(): Promise<void> {
    await this.browser.stop();
    await this.system.stop();
    await fs.rm(this.home, { recursive: true, force: true });
  }

  get url(): string {
    return this.system.url;
  }

  visitor(look: Look = {}): Promise<Visitor> {
    return this.browser.visitor(look);
  }

  /** An officer who has logged in at the issuer's page and stands at an address of the console. */
  async officer(account: string, at: string, look: Look = {}): Promise<Visitor> {
    const visitor = await this.visitor(look);
    const { page } = visitor;
    await page.goto(`${this.url}/console${at}`);
    await page.locator('input[type=password]').waitFor();
    await page.locator('input[name=account], input[type=text]').first().fill(account);
    await page.locator('input[type=password]').fill(this.passwordOf(account));
    await page.keyboard.press('Enter');
    await page.locator('main h1').waitFor();
    return visitor;
  }

  passwordOf(account: string): string {
    return this.system.issuer.accounts.find(({ id }) => id === account)!.password;
  }

  /** A request over HTTP as somebody with this role. */
  async ask<Body>(role: Role, method: string, route: string, body?: unknown): Promise<Body> {
    const response = await fetch(this.url + route, {
      method,
      headers: { authorization: `Bearer ${await this.system.issuer.issueToken(role)}`, 'content-type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`${method} ${route}: ${response.status} ${await response.text()}`);
    return (await response.json()) as Body;
  }

  /** The newest six-digit code that was mailed to an address; waits for one. */
  async codeFor(address: string, after = 0): Promise<string> {
    for (;;) {
      const codes = await this.codes(address);
      if (codes.length > after) return codes.at(-1)!;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  /** The oldest first. */
  private async codes(address: string): Promise<string[]> {
    const folder = path.join(this.home, 'mail');
    const names = (await fs.readdir(folder).catch(() => [])).filter((name) => name.endsWith('.eml'));
    const mails = await Promise.all(
      names.map(async (name) => {
        const file = path.join(folder, name);
        return { at: (await fs.stat(file)).mtimeMs, mail: await simpleParser(await fs.readFile(file)) };
      }),
    );
    const sentTo = ({ to }: ParsedMail) =>
      (Array.isArray(to) ? to : to ? [to] : []).flatMap(({ value }) => value.map((one) => one.address));
    return mails
      .filter(({ mail }) => sentTo(mail).includes(address))
      .sort((a, b) => a.at - b.at)
      .flatMap(({ mail }) => /^\s*(\d{6})\s*$/m.exec(mail.text ?? '')?.[1] ?? []);
  }

  /** As superuser of the ledger's database, with every trigger off. */
  async tamper(text: string, values: unknown[]): Promise<void> {
    const attacker = new pg.Client({ connectionString: this.system.adminUrl('attesta_ledger') });
    await attacker.connect();
    await attacker.query('set session_replication_role = replica');
    await attacker.query(text, values).finally(() => attacker.end());
  }
}

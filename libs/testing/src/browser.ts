import fs from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';

/** Where a Chromium may be; $CHROMIUM_PATH comes first. */
const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome', '/snap/bin/chromium'];

/** Pictures of pages, kept for whoever looks at a run: relative to this file both in src and in dist. */
const PICTURES = fileURLToPath(new URL('../../../artefacts/screens/', import.meta.url));

export const SIZES = { desktop: { width: 1280, height: 900 }, phone: { width: 390, height: 844 } } as const;
export type Size = keyof typeof SIZES;

/** Path of the browser on this machine; undefined where there is none. */
async function browserPath(): Promise<string | undefined> {
  for (const place of [process.env['CHROMIUM_PATH'], ...PLACES]) {
    if (
      place !== undefined &&
      (await fs.access(place).then(
        () => true,
        () => false,
      ))
    )
      return place;
  }
  return undefined;
}

/**
 * A suite in a real Chromium. Where there is none it is one skipped test whose name says why; with REQUIRE_BROWSER=1 one failing test.
 * Call at the top of a spec file with `await`.
 */
export async function describeBrowser(name: string, suite: () => void): Promise<void> {
  if ((await browserPath()) !== undefined) return describe(name, suite);
  const why = 'there is no Chromium: install it (Debian: apt-get install chromium) or set CHROMIUM_PATH';
  describe(name, () => {
    if (process.env['REQUIRE_BROWSER'] !== '1') return it.skip(`skipped, ${why}`, () => undefined);
    it('needs a browser', () => {
      throw new Error(`REQUIRE_BROWSER=1, but ${why}`);
    });
  });
}

/** A browser and what its pages complained of. */
export class TestBrowser {
  private constructor(private readonly browser: Browser) {}

  static async start(): Promise<TestBrowser> {
    return new TestBrowser(
      await chromium.launch({ executablePath: (await browserPath())!, args: ['--no-sandbox', '--disable-dev-shm-usage'] }),
    );
  }

  stop(): Promise<void> {
    return this.browser.close();
  }

  /** Somebody with a browser of their own: no cookie or storage of anybody else. */
  async visitor(options: VisitorOptions = {}): Promise<Visitor> {
    const { size = 'desktop', language = 'en', gpc = false } = options;
    const context = await this.browser.newContext({
      viewport: SIZES[size],
      locale: language === 'th' ? 'th-TH' : 'en-GB',
      timezoneId: 'Asia/Bangkok',
      hasTouch: size === 'phone',
      acceptDownloads: true,
      ...(gpc && { extraHTTPHeaders: { 'sec-gpc': '1' } }),
    });
    if (gpc) await context.addInitScript('Object.defineProperty(Navigator.prototype, "globalPrivacyControl", { get: () => true })');
    return new Visitor(context, await context.newPage(), { size, language });
  }
}

interface VisitorOptions {
  size?: Size;
  language?: 'en' | 'th';
  /** Sends the Global Privacy Control signal. */
  gpc?: boolean;
}

export class Visitor {
  /** Errors of scripts, refusals of the content security policy, requests to another origin: a good page has none. */
  readonly complaints: string[] = [];
  private readonly origins = new Set<string>();

  constructor(
    private readonly context: BrowserContext,
    readonly page: Page,
    private readonly look: { size: Size; language: string },
  ) {
    page.on('pageerror', ({ message }) => this.complaints.push(message));
    page.on('console', (said) => {
      // What a service refuses is shown by the page, and tested there.
      if (said.type() === 'error' && !said.text().startsWith('Failed to load resource')) this.complaints.push(said.text());
    });
    page.on('request', (request) => {
      const url = new URL(request.url());
      if (url.protocol.startsWith('http')) this.origins.add(url.origin);
    });
  }

  /** Origins that anything was asked of. */
  get asked(): string[] {
    return [...this.origins];
  }

  /** Keeps a picture of the whole page as `<name>-<size>-<language>.png`. */
  async picture(name: string): Promise<void> {
    await fs.mkdir(PICTURES, { recursive: true });
    await this.page.screenshot({ path: path.join(PICTURES, `${name}-${this.look.size}-${this.look.language}.png`), fullPage: true });
  }

  /** What axe-core finds against WCAG 2.2 AA and its own best practices: a line for each element. */
  async accessibility(): Promise<string[]> {
    // The page's policy lets no script in by a tag; the debugger's evaluation is not the page's.
    await this.page.evaluate(await axeSource());
    const { violations } = (await this.page.evaluate(
      `axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] })`,
    )) as { violations: { id: string; help: string; nodes: { html: string }[] }[] };
    return violations.flatMap(({ id, help, nodes }) => nodes.map(({ html }) => `${id}: ${help}: ${html}`));
  }

  /** Whether the page is wider than the window, so that one has to scroll sideways. */
  async overflows(): Promise<boolean> {
    return (await this.page.evaluate('document.documentElement.scrollWidth > document.documentElement.clientWidth')) as boolean;
  }

  close(): Promise<void> {
    return this.context.close();
  }
}

let axe: Promise<string> | undefined;
const axeSource = (): Promise<string> => (axe ??= fs.readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8'));

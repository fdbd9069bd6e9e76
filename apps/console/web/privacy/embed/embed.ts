import { readOptions, type Language } from './options.js';

const NAME = 'attesta-privacy';
const SAID = {
  en: { list: 'Privacy', tab: ' (opens in a new tab)', gpc: 'Your browser’s Global Privacy Control signal is honoured.' },
  th: { list: 'ความเป็นส่วนตัว', tab: ' (เปิดในแท็บใหม่)', gpc: 'เราปฏิบัติตามสัญญาณ Global Privacy Control จากเบราว์เซอร์ของคุณ' },
} satisfies Record<Language, object>;
const STYLE = `:host{display:block;font:inherit;color:inherit}ul{display:flex;flex-wrap:wrap;gap:0 16px;margin:0;padding:0;list-style:none}
a{display:inline-block;min-height:24px;padding:8px 0;color:inherit}a:focus-visible{outline:3px solid;outline-offset:2px}p{margin:4px 0;font-size:.9em}
span{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}`;

type Options = ReturnType<typeof readOptions>;

/**
 * Links into the privacy center on a company's own page: keeps nothing, asks nothing of any server, and needs no inline style or script of its
 * host (a constructed style sheet and text nodes alone).
 */
class PrivacyLinks extends HTMLElement {
  constructor({ language, links }: Options) {
    super();
    const said = SAID[language];
    const root = this.attachShadow({ mode: 'open' });
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(STYLE);
    root.adoptedStyleSheets = [sheet];
    const list = make('ul');
    for (const { href, text } of links) {
      const link = make('a', text, make('span', said.tab));
      Object.assign(link, { href, target: '_blank', rel: 'noopener noreferrer' });
      list.append(make('li', link));
    }
    list.ariaLabel = said.list;
    const all = make('div', list);
    all.lang = language;
    if ((navigator as { globalPrivacyControl?: boolean }).globalPrivacyControl === true) all.append(make('p', said.gpc));
    root.append(all);
  }
}

function make<K extends keyof HTMLElementTagNameMap>(name: K, ...content: (Node | string)[]): HTMLElementTagNameMap[K] {
  const made = document.createElement(name);
  made.append(...content);
  return made;
}

(() => {
  const script = document.currentScript as HTMLScriptElement | null;
  if (!script) return;
  // A page may have several.
  if (!customElements.get(NAME)) customElements.define(NAME, PrivacyLinks);
  const Links = customElements.get(NAME) as typeof PrivacyLinks;
  script.after(new Links(readOptions(script.dataset, new URL('.', script.src).href, document.documentElement.lang)));
})();

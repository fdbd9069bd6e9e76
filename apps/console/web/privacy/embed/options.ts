export type Language = 'en' | 'th';

/** Where a link of the snippet leads within the center, and what it says. */
const LINKS = {
  consents: { path: 'consents', en: 'Your consents', th: 'ความยินยอมของคุณ' },
  rights: { path: 'rights', en: 'Your data rights', th: 'สิทธิของคุณ' },
  access: { path: '?right=access', en: 'Get a copy of your data', th: 'ขอสำเนาข้อมูลของคุณ' },
  rectification: { path: '?right=rectification', en: 'Correct your data', th: 'แก้ไขข้อมูลของคุณ' },
  erasure: { path: '?right=erasure', en: 'Delete your data', th: 'ลบข้อมูลของคุณ' },
  request: { path: 'request', en: 'Follow a request', th: 'ติดตามคำขอ' },
  notice: { path: 'notice', en: 'Privacy notice', th: 'ประกาศความเป็นส่วนตัว' },
};

export interface Link {
  href: string;
  text: string;
}

/**
 * What a host's `data-lang` and `data-links` ask for, by allow-list: an unknown language is the page's own, an unknown link is left out, and
 * without any link there are consents and rights.
 * @param center where the center is, with a slash at its end
 * @param page language of the host's page
 */
export function readOptions(
  { lang, links }: { lang?: string; links?: string },
  center: string,
  page: string,
): { language: Language; links: Link[] } {
  const language: Language = lang === 'th' || lang === 'en' ? lang : /^th\b/i.test(page) ? 'th' : 'en';
  const asked = (links ?? '').split(',').map((one) => one.trim());
  const named = asked.filter((one): one is keyof typeof LINKS => Object.hasOwn(LINKS, one));
  const shown = named.length > 0 ? [...new Set(named)] : (['consents', 'rights'] as const);
  return {
    language,
    links: shown.map((name) => {
      const href = new URL(LINKS[name].path, center);
      href.searchParams.set('lang', language);
      return { href: href.href, text: LINKS[name][language] };
    }),
  };
}

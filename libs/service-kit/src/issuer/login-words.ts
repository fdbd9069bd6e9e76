export type Language = 'en' | 'th';

/** What the pages of the local issuer say. */
export interface Words {
  signIn: string;
  account: string;
  password: string;
  wrong: string;
  wait(seconds: number): string;
  /** The command stands between the two. */
  where: readonly [string, string];
  error: string;
  failed: string;
  expired: string;
  again: string;
  signOut: string;
  signOutAsk: string;
  stay: string;
  signedOut: string;
}

const EN: Words = {
  signIn: 'Sign in',
  account: 'Account',
  password: 'Password',
  wrong: 'The account or the password is not right.',
  wait: (seconds) => `Too many wrong tries. Wait ${seconds} ${seconds === 1 ? 'second' : 'seconds'}, then try again.`,
  where: ['Accounts of this machine are printed by', '.'],
  error: 'Error',
  failed: 'Signing in did not work',
  expired: 'Signing in took too long, or was begun in another browser.',
  again: 'Start again',
  signOut: 'Sign out',
  signOutAsk: 'Do you want to sign out?',
  stay: 'Stay signed in',
  signedOut: 'You are signed out',
};

const TH: Words = {
  signIn: 'เข้าสู่ระบบ',
  account: 'บัญชี',
  password: 'รหัสผ่าน',
  wrong: 'บัญชีหรือรหัสผ่านไม่ถูกต้อง',
  wait: (seconds) => `ลองผิดหลายครั้งเกินไป กรุณารอ ${seconds} วินาที แล้วลองใหม่`,
  where: ['ดูบัญชีของเครื่องนี้ได้ด้วยคำสั่ง', ''],
  error: 'ข้อผิดพลาด',
  failed: 'เข้าสู่ระบบไม่สำเร็จ',
  expired: 'การเข้าสู่ระบบใช้เวลานานเกินไป หรือเริ่มจากเบราว์เซอร์อื่น',
  again: 'เริ่มใหม่',
  signOut: 'ออกจากระบบ',
  signOutAsk: 'ต้องการออกจากระบบหรือไม่',
  stay: 'อยู่ในระบบต่อ',
  signedOut: 'ออกจากระบบแล้ว',
};

export const wordsOf = (language: Language): Words => (language === 'th' ? TH : EN);

/** The first language wanted that there is: `ui_locales` (OpenID Connect Core section 3.1.2.1) goes before Accept-Language (RFC 9110 section 12.5.4). */
export function languageOf(uiLocales: unknown, acceptLanguage: string | undefined): Language {
  const wanted = [...(typeof uiLocales === 'string' ? uiLocales.split(' ') : []), ...byQuality(acceptLanguage ?? '')];
  const found = wanted.map((tag) => tag.toLowerCase().split('-', 1)[0]).find((primary) => primary === 'en' || primary === 'th');
  return found === 'th' ? 'th' : 'en';
}

const byQuality = (header: string): string[] =>
  header
    .split(',')
    .map((part) => {
      const [tag = '', ...parameters] = part.split(';').map((one) => one.trim());
      const quality = Number(parameters.find((one) => one.startsWith('q='))?.slice(2) ?? 1);
      return { tag, quality };
    })
    .filter(({ quality }) => quality > 0)
    .toSorted((a, b) => b.quality - a.quality)
    .map(({ tag }) => tag);

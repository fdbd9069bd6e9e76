/** Whether the browser sends the Global Privacy Control signal: it says so itself, or the request for this page carried `Sec-GPC: 1`. */
export const isSignalled = (): boolean =>
  (navigator as { globalPrivacyControl?: boolean }).globalPrivacyControl === true ||
  document.querySelector<HTMLMetaElement>('meta[name=sec-gpc]')?.content === '1';

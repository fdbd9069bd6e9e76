import { speak } from '../../kit/words.js';

/** A language that a link asked for is kept, and leaves the address: what is chosen on the page then stays chosen when the page is loaded again. */
export function handedOnLanguage(): void {
  const address = new URL(location.href);
  if (!address.searchParams.has('lang')) return;
  speak(document.documentElement.lang === 'th' ? 'th' : 'en');
  address.searchParams.delete('lang');
  history.replaceState(history.state, '', address);
}

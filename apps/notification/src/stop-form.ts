import type { StopScope } from './stops.js';

/** What a form asks to stop, url-encoded or multipart, as mail programs send it for one click (RFC 8058 section 3.2); undefined where it does not say. */
export function scopeOf(contentType: string, body: Buffer): StopScope | undefined {
  const field = /^multipart\/form-data/i.test(contentType) ? partOf(body.toString('latin1')) : fieldOf(body.toString('latin1'));
  if (field('List-Unsubscribe') === 'One-Click') return 'channel';
  const scope = field('scope');
  return scope === 'channel' || scope === 'all' ? scope : undefined;
}

const fieldOf = (text: string) => {
  const fields = new URLSearchParams(text);
  return (name: string): string | undefined => fields.get(name) ?? undefined;
};

const partOf = (text: string) => (name: string) => {
  const head = text.indexOf(`name="${name}"`);
  const start = head < 0 ? -1 : text.indexOf('\r\n\r\n', head);
  const end = start < 0 ? -1 : text.indexOf('\r\n', start + 4);
  return end < 0 ? undefined : text.slice(start + 4, end);
};

/**
 * Whether a CloudEvents source lies under a prefix. A prefix ends at a path segment: `//storefront.example` covers
 * `//storefront.example/orders` and not `//storefront.example.org`.
 */
export function coversSource(prefix: string, source: string): boolean {
  if (!source.startsWith(prefix)) return false;
  return source.length === prefix.length || prefix.endsWith('/') || source[prefix.length] === '/';
}

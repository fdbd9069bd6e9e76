const COMMON = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'permissions-policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
} as const;

/** @param open other sites may load it: the snippet that a company puts on its own */
export const headersOf = (open: boolean): Record<string, string> => ({
  ...COMMON,
  'content-security-policy': "default-src 'none'",
  'cross-origin-resource-policy': open ? 'cross-origin' : 'same-origin',
  // Lets a company pin the snippet by its hash (subresource integrity asks for CORS).
  ...(open && { 'access-control-allow-origin': '*' }),
});

/**
 * Nothing of another origin runs, is loaded, or is sent to, but the issuer that tokens come from; nobody frames the page.
 * @param nonce base64, of the styles that the page makes itself
 */
export function pageHeaders(nonce: string, issuerOrigin: string): Record<string, string> {
  const policy = [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self' data: blob:",
    "font-src 'self'",
    `connect-src 'self' ${issuerOrigin}`,
    "manifest-src 'self'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
    "object-src 'none'",
  ];
  return {
    ...COMMON,
    'content-security-policy': policy.join('; '),
    'cross-origin-resource-policy': 'same-origin',
    'cache-control': 'no-store',
  };
}

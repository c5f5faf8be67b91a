/** The response headers of our pages, wherever they are served: by the app's https handler or on the loopback (control 5). */

/** Placeholder in the pages' `<meta name="csp-nonce" content="…">`. */
export const noncePlaceholder = '__CSP_NONCE__'

const offFeatures = [
  'accelerometer',
  'camera',
  'clipboard-read',
  'clipboard-write',
  'display-capture',
  'fullscreen',
  'geolocation',
  'gyroscope',
  'hid',
  'idle-detection',
  'local-fonts',
  'magnetometer',
  'microphone',
  'midi',
  'payment',
  'serial',
  'usb',
  'window-management',
]

/** What one answer allows its page. */
export interface PageRights {
  /** Content type. */
  readonly type: string
  /** Lets one `<style>` of the accessibility library through. */
  readonly nonce: string
  /**
   * Only for the tap page: any other page that could call WebAuthn could draw a false tap page, and would get the PRF output in
   * the clear.
   */
  readonly mayAskKeys: boolean
  /** `self`: only for the tap page on the loopback, which has no port but its own server. */
  readonly mayConnect: 'none' | 'self'
  /** Whether to isolate openers (COOP). */
  readonly isolatesOpeners: boolean
}

/** What a page may do, as its response headers. Everything is off that a policy can turn off. */
export function pageHeaders({
  type,
  nonce,
  mayAskKeys,
  mayConnect,
  isolatesOpeners,
}: PageRights): Record<string, string> {
  const keys = mayAskKeys ? '(self)' : '()'
  return {
    'content-type': type,
    ...(isolatesOpeners ? { 'cross-origin-opener-policy': 'same-origin' } : {}),
    'content-security-policy': [
      "default-src 'none'",
      "script-src 'self'",
      `style-src 'self' 'nonce-${nonce}'`,
      "img-src 'self' data:",
      `connect-src '${mayConnect}'`,
      "base-uri 'none'",
      "form-action 'none'",
      "frame-ancestors 'none'",
      "require-trusted-types-for 'script'",
      "trusted-types 'none'",
    ].join('; '),
    'permissions-policy': [
      `publickey-credentials-get=${keys}`,
      `publickey-credentials-create=${keys}`,
      ...offFeatures.map((feature) => `${feature}=()`),
    ].join(', '),
    'cross-origin-resource-policy': 'same-origin',
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'x-dns-prefetch-control': 'off',
    'cache-control': 'no-store',
  }
}

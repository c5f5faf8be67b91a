/** Signature counters of security keys (WebAuthn Level 3, section 6.1.1): one that goes back hints at a copied key. */

/** True when a key that counts did not count up (section 7.2, step 22); 0 is the counter of a key that does not count. */
export const hasGoneBack = (before: number, now: number): boolean => (before > 0 || now > 0) && now <= before

/** {@link hasGoneBack} against the last counter seen of this key; none seen is 0. */
export const wentBack = (
  seen: readonly { readonly key: string; readonly count: number }[],
  key: string,
  now: number,
): boolean => hasGoneBack(seen.find((one) => one.key === key)?.count ?? 0, now)

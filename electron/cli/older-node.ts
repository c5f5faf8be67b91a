/** What Node 18 lacks of the language that shared/ is written in. Imported for its effect, before anything else runs. */

// TypeScript knows only runtimes that have it.
const known: { isWellFormed?: (this: string) => boolean } = String.prototype
known.isWellFormed ??= function () {
  // In Unicode mode a pair is one character: what matches is alone.
  return !/\p{Cs}/u.test(this)
}

export {}

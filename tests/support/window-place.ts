/** The answer of a host whose taps take place in a window. */
import type { TapPlace } from '../../shared/domain/tap-place.ts'

export const windowPlace: TapPlace = {
  driver: 'window',
  browserPath: null,
  place: 'window',
  why: 'chosen',
  browsers: [],
}

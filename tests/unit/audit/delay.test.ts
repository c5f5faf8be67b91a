/** Requests that wait, and requests for older versions: the truth passes, and every lie is found. */
import { describe, expect, it } from 'vitest'
import { delayed } from './delay-scene.ts'
import { delayLies, undelayedLies } from './delay-lies.ts'
import { delayTruths } from './delay-truths.ts'
import { play } from './lying-station.ts'
import { barredLies, requestLies } from './request-lies.ts'
import { versionLies } from './version-lies.ts'

describe.each([
  ['a safe that makes requests wait', { ...delayTruths, ...delayLies }, delayed],
  ['a safe that makes nobody wait', undelayedLies, {}],
  ['a credential with several versions', versionLies, {}],
  ['a request', requestLies, {}],
  ['a request of somebody who may not count', barredLies, { requesterMayTap: false }],
])('%s', (_title, stories, options) => {
  for (const [name, { tell, found }] of Object.entries(stories)) {
    it(found === null ? name : `finds: ${name}`, async () => {
      const codes = await play((scene) => {
        tell(scene, scene.credential)
      }, options)
      expect(codes[0] ?? null).toBe(found)
    })
  }
})

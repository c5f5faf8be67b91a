/** What people read before they touch, where a safe makes requests wait: nobody may take the first round for the second. */
import { expect, it } from 'vitest'
import { loadSodium } from '../../../electron/platform/sodium.ts'
import { manifestLines, requestLines, requestTitle } from '../../../electron/strongroom/operations/views.ts'
import type { Manifest } from '../../../shared/domain/manifest.ts'
import type { RequestStatement } from '../../../shared/domain/statements.ts'
import { createWorld, requestJob, sealIn } from '../../support/sealed-world.ts'

await loadSodium()
const world = createWorld({ n: 3, k: 2 })
const plain = world.manifest
const [first, second] = plain.persons.map(({ id }) => id)
const waiting: Manifest = {
  ...plain,
  safes: plain.safes.map((safe) => ({
    ...safe,
    policy: { ...safe.policy, delay: { seconds: 14_400, vetoers: [first!, second!] } },
  })),
}
const { statement } = requestJob(world, sealIn(world, []))
const again: RequestStatement = { ...statement, first: statement.record }
const names = { credential: 'Root', safe: 'Safe one', requester: 'Custodian 1' }
const textOf = (asked: RequestStatement, manifest: Manifest): string[] =>
  requestLines(asked, names, manifest).map(({ label, value }) => `${label}: ${value}`)

it('says first that nothing is opened yet, for how long, and who can stop it', () => {
  expect(textOf(statement, waiting).slice(0, 2)).toEqual([
    'With these taps: Nothing is opened yet: it waits 4 hours, and a quorum taps once more',
    'Can stop it: Custodian 1, Custodian 2',
  ])
  expect(requestTitle(statement, 'Root', waiting)).toBe('Approve, to open later: Root')
})

it('says the second time that now it opens', () => {
  expect(textOf(again, waiting)[0]).toBe(
    'With these taps: It opens. This is the second time: a quorum approved the same request, and it had to wait 4 hours',
  )
  expect(requestTitle(again, 'Root', waiting)).toBe('Break glass: Root')
})

it('says nothing of it where a safe makes nobody wait', () => {
  expect(textOf(statement, plain)[0]).toBe('Credential: Root, version 1')
  expect(requestTitle(statement, 'Root', plain)).toBe('Break glass: Root')
})

it('shows the rule to everybody who acknowledges who holds what', () => {
  const said = (manifest: Manifest): string =>
    manifestLines(manifest)
      .map(({ value }) => value)
      .join()
  expect(said(waiting)).toContain(
    'a request waits 4 hours after its quorum and can be stopped meanwhile by Custodian 1, Custodian 2',
  )
  expect(said(plain)).not.toContain('waits')
})

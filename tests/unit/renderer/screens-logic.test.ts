/** The small decisions behind the screens. */
import { describe, expect, it } from 'vitest'
import { instructRequest, markCustodians } from '../../../renderer/app/request-words.ts'
import {
  checkPeople,
  checkSafes,
  createPerson,
  createSafe,
  fitSafes,
  usualThreshold,
} from '../../../renderer/app/setup/plan.ts'
import { describeDrill, describeLog, describeRotation, rotationOf } from '../../../renderer/app/status-words.ts'
import { followState } from '../../../renderer/app/view.ts'
import { defaultWindow, windowSteps } from '../../../renderer/app/window-steps.ts'
import { dumpHex, viewFile } from '../../../renderer/reveal/file-view.ts'
import { announceRemaining, toneOf } from '../../../renderer/reveal/remaining.ts'
import { planSchema } from '../../../shared/contracts/plan.ts'
import { limits } from '../../../shared/limits.ts'
import * as canned from '../../e2e/screens/canned-app.ts'

describe('viewing times to choose from', () => {
  it('stay within the policy and offer both ends', () => {
    expect(windowSteps(30, 300)).toEqual([30, 60, 120, 300])
    expect(windowSteps(45, 50)).toEqual([45, 50])
    expect(windowSteps(60, 60)).toEqual([60])
    expect(windowSteps(limits.windowSecondsMin, limits.windowSecondsMax)).toEqual([15, 30, 60, 120, 300, 600])
    for (const [min, max] of [
      [15, 30],
      [200, 600],
      [30, 300],
    ] as const)
      expect(windowSteps(min, max)).toContain(defaultWindow(min, max))
  })
})

describe('time left, as it is said', () => {
  it('says something at half, 30 s and 20 s only', () => {
    const said = Array.from({ length: 121 }, (_, index) => announceRemaining(120, (120 - index) * 1000))
    expect([...new Set(said)]).toEqual([
      '',
      'Half of the time is left: 1 minute.',
      '30 seconds left.',
      '20 seconds left.',
    ])
    expect(said.indexOf('30 seconds left.')).toBe(90)
  })

  it('keeps its order in a short window', () => {
    const said = Array.from({ length: 31 }, (_, index) => announceRemaining(30, (30 - index) * 1000))
    expect([...new Set(said)]).toEqual(['', '20 seconds left.', 'Half of the time is left: 15 seconds.'])
  })

  it('warns before it ends', () => {
    expect([toneOf(120, 100_000), toneOf(120, 59_000), toneOf(120, 20_000)]).toEqual(['calm', 'soon', 'now'])
  })
})

describe('a file on screen', () => {
  it('is text only where it is', () => {
    expect(viewFile(new TextEncoder().encode('Grüße\n\tok\r\n'))).toEqual({ kind: 'text', text: 'Grüße\n\tok\r\n' })
    expect(viewFile(new Uint8Array([0x66, 0x00])).kind).toBe('bytes')
    expect(viewFile(new Uint8Array([0xff, 0xfe])).kind).toBe('bytes')
    expect(viewFile(new TextEncoder().encode('\u001b[31m')).kind).toBe('bytes')
  })

  it('is otherwise dumped as hexdump -C does', () => {
    expect(dumpHex(new TextEncoder().encode('0123456789abcdef\u0001z'))).toBe(
      `00000000  30 31 32 33 34 35 36 37 38 39 61 62 63 64 65 66  0123456789abcdef\n00000010  01 7a${' '.repeat(42)}  .z`,
    )
  })
})

describe('the status bar', () => {
  it('never makes one verdict of two', () => {
    const { log } = canned.ready
    expect(describeLog(log).text).toMatch(/^Complete and intact up to .*, head = amber falcon quiet harbour$/)
    expect(describeLog({ ...log, completeness: 'cannot-be-judged' }).text).toContain(
      'completeness cannot be judged here',
    )
    expect(describeLog({ ...log, completeness: 'incomplete' })).toMatchObject({ tone: 'bad' })
    expect(describeLog({ ...log, integrity: 'broken' })).toMatchObject({ tone: 'bad' })
  })

  it('finds the next rotation, and those that are due though nobody said so yet', () => {
    const [fresh] = canned.credentials
    const later = Date.parse(fresh!.rotationDueAt)
    expect(rotationOf(fresh!, later - 1)).toBe('fresh')
    expect(rotationOf(fresh!, later)).toBe('due')
    expect(describeRotation([fresh!], later - 86_400_000 * 3).text).toContain('next due in 3 days')
    expect(describeRotation(canned.credentials, Date.now()).text).toBe('Rotation: 2 due now')
    expect(describeRotation([], 0).text).toContain('nothing sealed')
  })

  it('names the safes without a drill', () => {
    expect(describeDrill(canned.ready.safes).text).toBe('Drill: due for Production')
    expect(describeDrill(canned.ready.safes.map((safe) => ({ ...safe, drilled: true }))).tone).toBe('ok')
  })
})

describe('where the window goes', () => {
  it('follows an operation that starts, and comes back where something is owed', () => {
    expect(followState({ name: 'timeline' }, canned.ready, canned.requests.asked)).toEqual({
      name: 'operation',
      from: { name: 'timeline' },
    })
    expect(
      followState({ name: 'operation', from: { name: 'credentials' } }, canned.requests.open, canned.afterUse),
    ).toEqual({ name: 'after-use' })
    expect(
      followState({ name: 'operation', from: { name: 'credentials' } }, canned.requests.asked, canned.ready),
    ).toEqual({ name: 'credentials' })
  })

  it('leaves a person where they went in the meantime', () => {
    expect(followState({ name: 'timeline' }, canned.requests.asked, canned.requests.halfway)).toEqual({
      name: 'timeline',
    })
    expect(followState({ name: 'timeline' }, canned.requests.open, canned.afterUse)).toEqual({ name: 'timeline' })
  })
})

describe('a request in words', () => {
  it('asks the requester first, then counts down', () => {
    const say = (state: (typeof canned.requests)[keyof typeof canned.requests]): string =>
      instructRequest(state.operation!, state.operation!.request!, state)
    expect(say(canned.requests.asked)).toBe('Rita Okafor: insert your key and touch it now.')
    expect(say(canned.requests.refused)).toContain('2 more custodians')
    expect(say(canned.requests.halfway)).toContain('One more custodian')
    expect(say(canned.requests.open)).toContain('open in its own window')
  })

  it('lists who tapped, whose tap does not count, and who may', () => {
    const { operation } = canned.requests.halfway
    const marks = markCustodians(operation!, operation!.request!, canned.requests.halfway)
    expect(marks.map(({ state }) => state)).toEqual(['not-counted', 'tapped', 'tapped', 'waiting', 'waiting'])
  })
})

describe('a plan', () => {
  const people = ['Ada', 'Grace', 'Edsger'].map((name) => ({ ...createPerson(), name }))

  it('begins with something that the contract accepts and no person alone can stop', () => {
    const safe = createSafe(people, 'Emergency')
    expect(safe.threshold).toBe(2)
    expect(planSchema.safeParse({ people, safes: [safe], quorum: 2 }).success).toBe(true)
    expect([2, 3, 4, 5, 6, 7].map(usualThreshold)).toEqual([2, 2, 3, 3, 4, 4])
  })

  it('is refused with the sentence beside the person', () => {
    const [ada, grace] = people
    expect(checkPeople([ada!, { ...grace!, name: ' ada ' }]).get(grace!.id)).toContain('in the list already')
    expect(checkPeople([{ ...ada!, roles: [] }]).get(ada!.id)).toContain('role')
    expect(checkPeople([ada!]).get('all')).toContain('two people')
    expect(checkPeople(people).size).toBe(0)
  })

  it('keeps safes possible when a custodian goes', () => {
    const safe = { ...createSafe(people, 'Emergency'), threshold: 3 }
    const [fitted] = fitSafes([safe], people.slice(0, 2))
    expect(fitted).toMatchObject({ threshold: 2, custodians: people.slice(0, 2).map(({ id }) => id) })
    expect(checkSafes([fitted!]).size).toBe(0)
    expect(checkSafes([{ ...safe, custodians: [people[0]!.id] }]).get(safe.id)).toContain('at least two')
    expect(checkSafes([]).get('all')).toContain('at least one safe')
  })
})

/** Nothing leaves before its record is durable; when it cannot be written, nothing leaves at all. */
import { describe, expect, it } from 'vitest'
import { HalliganError } from '../../../shared/errors.ts'
import type { Handlers } from '../../../shared/contracts/contract.ts'
import type { strongroomContract } from '../../../shared/contracts/strongroom.ts'
import { createWorld, field, keyOf, requestJob, sealIn } from '../../support/sealed-world.ts'
import { holds, startHarness, type Harness, type RevealPage } from '../../support/strongroom-harness.ts'

const secret = 'correct-horse-7731'
const code = 'burn-me-0001'

function start(overrides: Partial<Handlers<typeof strongroomContract>>): Harness {
  const world = createWorld({ n: 2, k: 2, firstKeys: 1, policy: { copyAllowed: true } })
  const fields = [field('Password', secret), field('Codes', code, { type: 'codes' })]
  const harness = startHarness(requestJob(world, sealIn(world, fields)), overrides)
  harness.tap.touch(keyOf(world.requester))
  for (const one of world.custodians) harness.tap.touch(keyOf(one))
  return harness
}

const refuse = (errorCode: 'STORAGE_FULL' | 'STORAGE_FAILED' | 'REQUEST_EXPIRED') => (): never => {
  throw new HalliganError(errorCode)
}

async function expectNothingLeft(harness: Harness, errorCode: string): Promise<void> {
  expect(await harness.exited).toBe(0)
  expect(harness.callsOf('failed')).toEqual([{ code: errorCode, custodian: null }])
  expect(await harness.ended).toEqual({ result: 'failed', code: errorCode })
  expect(holds(harness.revealed, secret) || holds(harness.revealed, code)).toBe(false)
}

/** The window was open, ends because its record failed, and says so where it still can. */
async function expectWindowClosed(harness: Harness, page: RevealPage): Promise<void> {
  expect(await page.ended).toBe('record-failed')
  expect(await harness.exited).toBe(0)
  expect(harness.callsOf('failed')).toEqual([])
  expect(harness.callsOf('windowClosed')).toMatchObject([{ reason: 'record-failed' }])
  expect(holds(harness.revealed, secret) || holds(harness.revealed, code)).toBe(false)
}

/** Begins, whether or not that is refused. */
async function begin(harness: Harness): Promise<RevealPage> {
  const page = await harness.reveal()
  await page.call.begin({}).catch(() => undefined)
  return page
}

describe('when the record cannot be written', () => {
  it('of the grant', async () => {
    const harness = start({ granted: refuse('STORAGE_FULL') })
    const page = await begin(harness)
    await expect(page.call.show({ field: 0 })).rejects.toBeDefined()
    await expectNothingLeft(harness, 'STORAGE_FULL')
  })

  it('of the grant, because the request is over', async () => {
    const harness = start({ granted: refuse('REQUEST_EXPIRED') })
    await begin(harness)
    await expectNothingLeft(harness, 'REQUEST_EXPIRED')
  })

  it('of a tap', async () => {
    const harness = start({ tapAccepted: refuse('STORAGE_FULL') })
    expect(await harness.exited).toBe(0)
    expect(harness.callsOf('granted')).toEqual([])
  })

  it('of a shown field', async () => {
    const harness = start({ fieldShown: refuse('STORAGE_FAILED') })
    const page = await begin(harness)
    await expect(page.call.show({ field: 0 })).rejects.toMatchObject({ code: 'STORAGE_FAILED' })
    await expect(page.call.show({ field: 0 })).rejects.toBeDefined()
    await expectWindowClosed(harness, page)
  })

  it('of a burned code', async () => {
    const harness = start({ codeBurned: refuse('STORAGE_FAILED') })
    const page = await begin(harness)
    await expect(page.call.show({ field: 1 })).rejects.toMatchObject({ code: 'STORAGE_FAILED' })
    await expectWindowClosed(harness, page)
  })

  it('of a copy', async () => {
    const harness = start({ fieldCopied: refuse('STORAGE_FAILED') })
    const page = await begin(harness)
    await page.call.show({ field: 0 })
    await expect(page.call.copy({ field: 0 })).rejects.toMatchObject({ code: 'STORAGE_FAILED' })
    expect(harness.clipboard).toEqual([])
    expect(await page.ended).toBe('record-failed')
    await harness.exited
    expect(harness.callsOf('windowClosed')).toMatchObject([{ reason: 'record-failed' }])
  })
})

describe('before the record is durable', () => {
  /** A call of the vault process that answers when the test says so. */
  function gate(): { readonly handler: () => Promise<Record<string, never>>; readonly open: () => void } {
    let open: () => void = () => undefined
    const passed = new Promise<void>((resolve) => {
      open = resolve
    })
    return { handler: () => passed.then(() => ({})), open }
  }
  const soon = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 60))

  it('the reveal page hears nothing of the grant', async () => {
    const { handler, open } = gate()
    const harness = start({ granted: () => handler().then(() => ({ alertText: null })) })
    const page = await harness.reveal()
    const begun = page.call.begin({})
    await expect.poll(() => harness.callsOf('granted').length).toBe(1)
    await soon()
    expect(harness.revealed).toEqual([])
    await expect(page.call.show({ field: 0 })).rejects.toMatchObject({ code: 'REQUEST_NOT_OPEN' })
    open()
    await begun
    await harness.end('app-quit')
    await harness.exited
  })

  it('no value leaves', async () => {
    const { handler, open } = gate()
    const harness = start({ fieldShown: handler })
    const page = await begin(harness)
    const shown = page.call.show({ field: 0 })
    await expect.poll(() => harness.callsOf('fieldShown').length).toBe(1)
    await soon()
    expect(holds(harness.revealed, secret)).toBe(false)
    open()
    await shown
    expect(holds(harness.revealed, secret)).toBe(true)
    await harness.end('app-quit')
    await harness.exited
  })

  it('and none leaves when the window ends while the record is being written', async () => {
    const { handler, open } = gate()
    const harness = start({ fieldShown: handler })
    const page = await begin(harness)
    const shown = page.call.show({ field: 0 }).catch(() => 'refused')
    await expect.poll(() => harness.callsOf('fieldShown').length).toBe(1)
    await harness.end('screen-locked')
    open()
    expect(await shown).toBe('refused')
    await harness.exited
    expect(holds(harness.revealed, secret)).toBe(false)
  })
})

describe('what leaves at all', () => {
  it('values go to the reveal page only, never to the vault process', async () => {
    const harness = start({})
    const page = await begin(harness)
    await page.call.show({ field: 0 })
    await page.call.show({ field: 1 })
    await page.call.hideNow({})
    await harness.exited
    expect(holds(harness.calls, secret) || holds(harness.calls, code)).toBe(false)
    expect(holds(harness.revealed, secret) && holds(harness.revealed, code)).toBe(true)
  })
})

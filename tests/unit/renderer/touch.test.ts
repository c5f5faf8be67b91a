import { describe, expect, it } from 'vitest'
import { createTouch, type TouchPhase, type Waits } from '../../../renderer/tap/touch.ts'

/** A key that answers when told, and a call that rejects when abandoned. */
function createBench(waits: Waits = 'never') {
  const phases: TouchPhase[] = []
  let clock = 0
  let pending: { resolve: (value: string) => void; reject: (error: Error) => void } | undefined
  let asked = 0
  const touch = createTouch({
    waits,
    onPhase: (phase) => phases.push(phase),
    abandon: () => pending?.reject(new DOMException('aborted', 'AbortError')),
    now: () => clock,
  })
  const ask = (): Promise<string> => {
    asked++
    return new Promise((resolve, reject) => {
      pending = { resolve, reject }
    })
  }
  return {
    touch,
    phases,
    ask,
    asked: () => asked,
    answer: (value: string) => pending?.resolve(value),
    refuse: (name = 'NotAllowedError') => pending?.reject(new DOMException('no', name)),
    pass: (ms: number) => (clock += ms),
  }
}
const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve))

describe('a touch', () => {
  it('starts by itself and answers once', async () => {
    const bench = createBench()
    const answer = bench.touch.run(bench.ask)
    await settle()
    bench.answer('touched')
    expect(await answer).toBe('touched')
    expect(bench.phases).toEqual(['asking', 'none'])
  })

  it('stays pending while the key is asked again', async () => {
    const bench = createBench()
    const answer = bench.touch.run(bench.ask)
    await settle()
    bench.touch.askAgain()
    await settle()
    bench.touch.askAgain()
    await settle()
    expect(bench.asked()).toBe(3)
    bench.answer('late key')
    expect(await answer).toBe('late key')
  })

  it('hands on what the browser refused', async () => {
    const bench = createBench()
    const answer = bench.touch.run(bench.ask)
    await settle()
    bench.refuse('InvalidStateError')
    await expect(answer).rejects.toMatchObject({ name: 'InvalidStateError' })
  })

  it('ends with an AbortError when cancelled, waiting or asking', async () => {
    for (const waits of ['never', 'first', 'always'] as const) {
      const bench = createBench(waits)
      const answer = bench.touch.run(bench.ask)
      await settle()
      bench.touch.cancel()
      await expect(answer).rejects.toMatchObject({ name: 'AbortError' })
      expect(bench.phases.at(-1)).toBe('none')
    }
  })

  it('waits for a press every time in a manual page', async () => {
    const bench = createBench('always')
    for (const value of ['one', 'two']) {
      const before = bench.asked()
      const answer = bench.touch.run(bench.ask)
      await settle()
      expect(bench.phases.at(-1)).toBe('ready')
      expect(bench.asked()).toBe(before)
      bench.touch.askAgain()
      await settle()
      bench.answer(value)
      expect(await answer).toBe(value)
    }
  })

  it('waits where people must read first, then asks at once until a touch fails or is refused', async () => {
    const bench = createBench('first')
    const touchNow = async (): Promise<{ waited: boolean; answer: Promise<string> }> => {
      const answer = bench.touch.run(bench.ask)
      await settle()
      const waited = bench.phases.at(-1) === 'ready'
      if (waited) bench.touch.askAgain()
      await settle()
      return { waited, answer }
    }
    for (const expected of [true, false, false]) {
      const { waited, answer } = await touchNow()
      expect(waited).toBe(expected)
      bench.answer('touched')
      await answer
    }
    const failing = await touchNow()
    bench.refuse()
    await expect(failing.answer).rejects.toThrow()
    const afterFailure = await touchNow()
    expect(afterFailure.waited).toBe(true)
    bench.answer('touched')
    await afterFailure.answer
    bench.touch.refused()
    const afterRefusal = await touchNow()
    expect(afterRefusal.waited).toBe(true)
    bench.answer('touched')
    await afterRefusal.answer
    // A passphrase was entered meanwhile: nobody does that without having looked.
    bench.touch.refused()
    bench.touch.read()
    const afterReading = await touchNow()
    expect(afterReading.waited).toBe(false)
    bench.answer('touched')
    await afterReading.answer
  })

  it('waits for a press after three refusals that no person made, and not before', async () => {
    const bench = createBench()
    for (let round = 0; round < 3; round++) {
      const answer = bench.touch.run(bench.ask)
      await settle()
      expect(bench.phases.at(-1)).toBe('asking')
      bench.refuse()
      await expect(answer).rejects.toThrow()
    }
    const answer = bench.touch.run(bench.ask)
    await settle()
    expect(bench.phases.at(-1)).toBe('ready')
    bench.touch.askAgain()
    await settle()
    bench.answer('now')
    expect(await answer).toBe('now')
  })

  it('goes on by itself after refusals that took a while', async () => {
    const bench = createBench()
    for (let round = 0; round < 5; round++) {
      const answer = bench.touch.run(bench.ask)
      await settle()
      expect(bench.phases.at(-1)).toBe('asking')
      bench.pass(5000)
      bench.refuse()
      await expect(answer).rejects.toThrow()
    }
  })
})

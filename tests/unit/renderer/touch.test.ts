import { describe, expect, it } from 'vitest'
import { createTouch, type TouchPhase } from '../../../renderer/tap/touch.ts'

/** A key that answers when told, and a call that rejects when abandoned. */
function createBench(manual = false) {
  const phases: TouchPhase[] = []
  let clock = 0
  let pending: { resolve: (value: string) => void; reject: (error: Error) => void } | undefined
  let asked = 0
  const touch = createTouch({
    manual,
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
    for (const manual of [false, true]) {
      const bench = createBench(manual)
      const answer = bench.touch.run(bench.ask)
      await settle()
      bench.touch.cancel()
      await expect(answer).rejects.toMatchObject({ name: 'AbortError' })
      expect(bench.phases.at(-1)).toBe('none')
    }
  })

  it('waits for a press every time in a manual page', async () => {
    const bench = createBench(true)
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

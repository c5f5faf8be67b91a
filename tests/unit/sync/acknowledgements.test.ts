import { expect, it } from 'vitest'
import { createAcknowledgements } from '../../../electron/vault/sync/acknowledgements.ts'
import { createHandTimers } from './hand-timers.ts'

function createScene() {
  const timers = createHandTimers()
  const written: number[] = []
  const scene = { busy: false, timers, written }
  const { note } = createAcknowledgements(
    timers,
    timers.now,
    ({ size }) => written.push(size),
    () => scene.busy,
  )
  return { scene, note: (size: number, hasNews: boolean) => note({ size, root: 'r' }, hasNews) }
}

it('one is written 5 s after the last news', () => {
  const { scene, note } = createScene()
  note(3, true)
  scene.timers.pass(4_000)
  note(5, true)
  scene.timers.pass(4_999)
  expect(scene.written).toEqual([])
  scene.timers.pass(1)
  expect(scene.written).toEqual([5])
  note(6, false)
  scene.timers.pass(600_000)
  expect(scene.written).toEqual([5])
})

it('none is written while something is on its way, however long that takes', () => {
  const { scene, note } = createScene()
  for (let size = 1; size <= 20; size++) {
    note(size, true)
    scene.busy = true
    scene.timers.pass(12_000)
    expect(scene.written).toEqual([])
    scene.busy = false
  }
  note(21, true)
  scene.timers.pass(5_000)
  expect(scene.written).toEqual([21])
})

it('in a time that never gets quiet, one is written every ten minutes', () => {
  const { scene, note } = createScene()
  scene.busy = true
  for (let size = 1; size <= 1_800; size++) {
    note(size, true)
    scene.timers.pass(1_000)
  }
  expect(scene.written.length).toBeGreaterThanOrEqual(2)
  expect(scene.written.length).toBeLessThanOrEqual(3)
})

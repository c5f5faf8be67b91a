/** What `open` says when nothing comes of it, and that nothing stays then. */
import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { MessageChannel } from 'node:worker_threads'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createMailbox, fromNodePort, type ProcessEnvironment } from '../../../electron/platform/ports.ts'
import { startTapHost } from '../../../electron/tap-host/tap-host.ts'
import { tapHostContract, type PortName } from '../../../shared/contracts/broker.ts'
import { createHub, type Client } from '../../../shared/contracts/contract.ts'
import type { Port } from '../../../shared/contracts/port.ts'
import { makePlace, type TapHostPlace } from '../../support/forked-tap-host.ts'
import { writeStandIn } from '../../support/stand-in-browser.ts'

describe.skipIf(process.platform === 'win32')('opening a tap page', () => {
  let place: TapHostPlace
  const ports: (() => void)[] = []
  beforeEach(() => {
    place = makePlace()
  })
  afterEach(() => {
    ports.splice(0).forEach((close) => close())
    place.remove()
  })

  function startHere(): Client<typeof tapHostContract> {
    const { port1, port2 } = new MessageChannel()
    ports.push(() => port1.close())
    const handed = createMailbox<[PortName, string | null, Port]>()
    const environment: ProcessEnvironment = {
      control: fromNodePort(port2),
      onPort: handed.listen,
      exit: () => undefined,
    }
    startTapHost(environment, { comeWithinMs: 400 })
    return createHub(fromNodePort(port1)).connect(tapHostContract, { gone: () => undefined, refused: () => undefined })
      .call
  }
  const open = (call: Client<typeof tapHostContract>, browser: string) =>
    call.open({ browser, profiles: place.profiles, files: place.files, title: 'Tap' })
  const leftovers = (): string[] => (existsSync(place.profiles) ? readdirSync(place.profiles) : [])

  test('no such browser', async () => {
    for (const browser of ['/nowhere/chrome', 'chrome', place.dir])
      await expect(open(startHere(), browser)).rejects.toMatchObject({ code: 'BROWSER_NOT_FOUND' })
    expect(leftovers()).toEqual([])
  })

  test('a browser that ends at once, whatever it says', async () => {
    for (const [name, ending] of [
      ['good', 'exit 0'],
      ['bad', 'exit 3'],
      ['killed', 'kill -s KILL $$'],
    ] as const) {
      const { program } = writeStandIn(place, name, ending)
      await expect(open(startHere(), program)).rejects.toMatchObject({
        code: 'BROWSER_FAILED',
        detail: { reason: 'exited' },
      })
    }
    expect(leftovers()).toEqual([])
  })

  test('what only looks like a program', async () => {
    const program = place.writeProgram('garbage', '')
    writeFileSync(program, 'MZ\0\0')
    await expect(open(startHere(), program)).rejects.toMatchObject({ code: 'BROWSER_FAILED' })
    expect(leftovers()).toEqual([])
  })

  test('a browser that stays but never brings the page', async () => {
    const standIn = writeStandIn(place)
    await expect(open(startHere(), standIn.program)).rejects.toMatchObject({
      code: 'BROWSER_FAILED',
      detail: { reason: 'late' },
    })
    expect(leftovers()).toEqual([])
    expect(() => process.kill(standIn.pid(), 0)).toThrow('ESRCH')
  })

  test('a browser that does not want to go', async () => {
    const standIn = writeStandIn(place, 'stubborn', "trap '' TERM; while :; do sleep 1; done")
    await expect(open(startHere(), standIn.program)).rejects.toMatchObject({ code: 'BROWSER_FAILED' })
    expect(() => process.kill(standIn.pid(), 0)).toThrow('ESRCH')
    expect(leftovers()).toEqual([])
  })

  test('a page of which a file is missing', async () => {
    rmSync(path.join(place.files, 'index.css'))
    await expect(open(startHere(), writeStandIn(place).program)).rejects.toMatchObject({ code: 'BROWSER_FAILED' })
    expect(leftovers()).toEqual([])
  })

  test('one page for each host', async () => {
    const call = startHere()
    const first = open(call, writeStandIn(place).program)
    await expect(open(call, '/bin/true')).rejects.toMatchObject({ code: 'OPERATION_BUSY' })
    await call.close({})
    await expect(first).rejects.toMatchObject({ code: 'BROWSER_FAILED' })
    await expect(open(call, '/bin/true')).rejects.toMatchObject({ code: 'OPERATION_BUSY' })
    expect(leftovers()).toEqual([])
  })
})
